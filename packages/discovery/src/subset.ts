import { InvalidOptionError, requireInteger } from "@dp/core";
import { xxhash32 } from "./xxhash32.ts";

/** A run of the ranked instances, beginning again at the first after the last. */
export interface Slice {
  readonly from: number;
  /** The share of each that this client uses, above 0 up to 1: its weight counts for that much. */
  readonly shares: readonly number[];
}

/** Port: which instances of each priority this client uses. A description: views may share it. */
export interface Subset {
  /** Where an id stands among others; equal ranks are ordered by id. */
  rank(id: string): number;
  /** Which of `count` instances in order of rank are used. */
  slice(count: number): Slice;
}

export interface SubsetOptions {
  /** How many instances of each priority this client uses; at least 1. */
  readonly size: number;
  /** What sets this client apart from others, such as its host and process id; equal seeds use equal instances. */
  readonly seed: string | number;
}

/**
 * Lets each client use only some instances of each priority, drawn by its seed, so that connections and checks do not
 * grow with clients times instances.
 *
 * A draining instance is replaced at once. One instance more or less changes at most one of a client's; the order in
 * which instances are listed changes nothing. Load is even only on average: of n clients' choices some instances get
 * few and some many; `aperture` is exact, but needs numbered clients.
 *
 * Source: rendezvous hashing as in gRPC's random subsetting (proposal A68), with XXH32.
 */
export const subset = (options: SubsetOptions): Subset => {
  const size = requireInteger("size", options.size, 1);
  const { seed } = options;
  if (typeof seed !== "string" && typeof seed !== "number")
    throw new InvalidOptionError("seed", seed, "a string or a number");
  const hashSeed = xxhash32(String(seed), 0);
  return {
    rank: (id) => xxhash32(id, hashSeed),
    slice: (count) => ({
      from: 0,
      shares: new Array<number>(Math.min(size, count)).fill(1),
    }),
  };
};
