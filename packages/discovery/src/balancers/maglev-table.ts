import type { TextHash } from "../xxhash32.ts";

/** The first turn after one in which the weights of all turns reach what is due. */
const turnOf = (due: number, weight: number, after: number): number => {
  let turn = Math.max(after + 1, Math.floor(due / weight) - 1);
  while (turn * weight < due && turn < Number.MAX_SAFE_INTEGER) turn++;
  return turn;
};

/**
 * For each of `size` slots (a prime) the index of the node that has it. `ids` are sorted; equal input gives an equal
 * table in every process.
 *
 * Each node has an order of its own of all slots, `hash(id, 0) % size` first and `hash(id, 1) % (size - 1) + 1` on from
 * one to the next. The nodes take the first slot of theirs that is free in turn, until none is; a node of less than
 * the greatest weight misses turns. With equal weights no node has two slots more than another. About size * ln(size)
 * steps, whatever the weights.
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
  /** What a node's weights of all turns so far have to reach for its next turn. */
  const due = new Float64Array(count);
  /** Who takes which turn: to look in each turn for those who do would take long when one is far above the others. */
  const takers = new Map([[1, ids.map((_, node) => node)]]);
  const plan = (node: number, after: number): void => {
    const turn = turnOf(due[node] as number, weights[node] as number, after);
    // Some node takes every turn, so the table is full by then.
    if (turn > 2 * size) return;
    const others = takers.get(turn);
    if (others === undefined) takers.set(turn, [node]);
    else others.push(node);
  };
  let free = size;
  for (let turn = 1; free > 0; turn++) {
    const nodes = takers.get(turn) ?? [];
    takers.delete(turn);
    for (const node of nodes.sort((a, b) => a - b)) {
      if (free === 0) break;
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
      plan(node, turn);
    }
  }
  return table;
};
