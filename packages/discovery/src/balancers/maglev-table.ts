import type { TextHash } from "../xxhash32.ts";

/**
 * For each of `size` slots (a prime) the index of the node that has it. `ids` are sorted; equal input gives an equal
 * table in every process.
 *
 * Each node has an order of its own of all slots, `hash(id, 0) % size` first and `hash(id, 1) % (size - 1) + 1` on from
 * one to the next. The nodes take the first slot of theirs that is free in turn, until none is; a node of less than
 * the greatest weight misses turns. With equal weights no node has two slots more than another. About size * ln(size)
 * steps.
 *
 * Source: Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer" (NSDI 2016), 3.4; the turns
 * by weight are Envoy's.
 */
export const maglevTable = (
  ids: readonly string[],
  weights: readonly number[],
  size: number,
  hash: TextHash,
): Int32Array => {
  const table = new Int32Array(size).fill(-1);
  const count = ids.length;
  if (count === 0) return table;
  const greatest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  const next = new Float64Array(count);
  const skips = new Float64Array(count);
  for (const [node, id] of ids.entries()) {
    next[node] = hash(id, 0) % size;
    skips[node] = (hash(id, 1) % (size - 1)) + 1;
  }
  /** The turns a node takes come due where its weights so far reach this. */
  const due = new Float64Array(count);
  let free = size;
  for (let turn = 1; free > 0; turn++)
    for (let node = 0; node < count && free > 0; node++) {
      if (turn * (weights[node] as number) < (due[node] as number)) continue;
      due[node] = (due[node] as number) + greatest;
      const skip = skips[node] as number;
      let slot = next[node] as number;
      while ((table[slot] as number) >= 0) {
        slot += skip;
        if (slot >= size) slot -= size;
      }
      table[slot] = node;
      free--;
      next[node] = slot;
    }
  return table;
};
