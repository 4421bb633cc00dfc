import { requireInteger } from "@dp/core";
import type { Slice, Subset } from "./subset.ts";
import { xxhash32 } from "./xxhash32.ts";

export interface ApertureOptions {
  /** How many instances of each priority a client uses at least; at least 1. @defaultValue 12 */
  readonly size?: number | undefined;
  /** This client's number, from 0; every number below `of` must be in use. */
  readonly id: number;
  /** How many clients there are. */
  readonly of: number;
}

/** What is less than this of an instance is rounding. */
const trace = 1e-9;

/**
 * Lets each of a known number of clients use a slice of the instances of each priority such that all instances are
 * used exactly alike: every point of the ring of instances is covered by equally many clients.
 *
 * An instance at the edge of a slice is used by a share, by way of its weight; balancers that ignore weight lose the
 * exactness there. It is exact for instances of equal weight, and between clients that see the same instances. Unlike
 * with `subset`, a change of the instances may move the slices of all clients.
 *
 * Source: deterministic aperture of Twitter's Finagle: N = ceil(size * clients / servers), width = min(1, N / clients).
 */
export const aperture = (options: ApertureOptions): Subset => {
  const size = requireInteger("size", options.size ?? 12, 1);
  const of = requireInteger("of", options.of, 1);
  const id = requireInteger("id", options.id, 0, of - 1);
  return {
    // One order for all clients; hashed, so that neighbours on the ring are not neighbours in a rack.
    rank: (each) => xxhash32(each, 0),
    slice: (count) => sliceOf(id, of, size, count),
  };
};

const sliceOf = (
  id: number,
  of: number,
  size: number,
  count: number,
): Slice => {
  if (count === 0) return { from: 0, shares: [] };
  const layers = Math.min(of, Math.ceil((size * of) / count));
  // In units of an instance's arc, so that instance i is [i, i + 1).
  const start = (id * count) / of;
  const end = start + (layers * count) / of;
  const from = Math.floor(start + trace);
  const shares: number[] = [];
  for (let at = from; at < end - trace; at++) {
    const share = Math.min(at + 1, end) - Math.max(at, start);
    // A slice of nearly all the ring comes back to the instance it began in.
    if (at - from < count) shares.push(Math.min(1, share));
    else shares[at - from - count] = (shares[at - from - count] ?? 0) + share;
  }
  return { from: from % count, shares };
};
