import type { TextHash } from "../xxhash32.ts";

/**
 * Who takes which turn, all of them the first. To look in each turn for those who do would take long when one node is
 * far heavier than the others.
 */
class Turns {
  readonly #nodes = new Map<number, number[]>();
  /** Where the last one was added: mostly the next goes there too. */
  #lastTurn = 1;
  #lastNodes: number[];

  constructor(everyone: readonly number[]) {
    this.#lastNodes = [...everyone];
    this.#nodes.set(1, this.#lastNodes);
  }

  add(node: number, turn: number): void {
    if (turn !== this.#lastTurn) {
      this.#lastTurn = turn;
      this.#lastNodes = this.#nodes.get(turn) ?? [];
      this.#nodes.set(turn, this.#lastNodes);
    }
    this.#lastNodes.push(node);
  }

  /** In order of nodes. Nothing is added to a turn that was taken. */
  take(turn: number): readonly number[] {
    const nodes = this.#nodes.get(turn) ?? [];
    this.#nodes.delete(turn);
    for (let at = 1; at < nodes.length; at++)
      if ((nodes[at - 1] as number) > (nodes[at] as number))
        return nodes.sort((a, b) => a - b);
    return nodes;
  }
}

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
  const everyone = ids.map((_, node) => node);
  /** Undefined where all take every turn. */
  const turns = weights.every((weight) => weight === greatest)
    ? undefined
    : new Turns(everyone);
  const lastTurn = 2 * size;
  let free = size;
  for (let turn = 1; free > 0; turn++) {
    for (const node of turns?.take(turn) ?? everyone) {
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
      if (turns === undefined) continue;
      const after = turnOf(due[node], weights[node] as number, turn);
      // Some node takes every turn, so the table is full by then.
      if (after <= lastTurn) turns.add(node, after);
    }
  }
  return table;
};
