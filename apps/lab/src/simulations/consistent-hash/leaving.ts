import { maglev, rendezvous, ringHash } from "@dp/discovery";
import { candidatesOf } from "../candidates.ts";
import {
  countsOf,
  movedShare,
  ownersOf,
  ownersOfKeys,
  type Hashing,
} from "./places.ts";

export const hashings = {
  maglev,
  ringHash,
  rendezvous,
} as const satisfies Record<string, Hashing>;

/** The slots of a Maglev table by default. */
export const slots = 65_537;

export interface MaglevFigures {
  /** Slots that the instance with most has more than the one with least. */
  readonly spread: number;
  /** When one leaves, the share of the slots of others that changes hands too: one figure for each that left. */
  readonly moved: readonly number[];
}

/** A table of so many instances; then one of them leaves, `times` times another one. */
export const maglevLeaving = (
  instances: number,
  times: number,
): MaglevFigures => {
  const candidates = candidatesOf(instances);
  const before = ownersOf(maglev, candidates, slots);
  const counts = countsOf(before, instances);
  const moved = Array.from({ length: times }, (_, time) => {
    const left = Math.floor((time * instances) / times);
    const others = candidates.toSpliced(left, 1);
    return movedShare(before, ownersOf(maglev, others, slots), left);
  });
  return { spread: Math.max(...counts) - Math.min(...counts), moved };
};

/** The same by keys: the share of the keys of others that moves when one of so many instances leaves. */
export const keysLeaving = (
  hashing: Hashing,
  instances: number,
  keys: readonly string[],
): number => {
  const candidates = candidatesOf(instances);
  const left = Math.floor(instances / 2);
  return movedShare(
    ownersOfKeys(hashing, candidates, keys),
    ownersOfKeys(hashing, candidates.toSpliced(left, 1), keys),
    left,
  );
};

export const keysOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, key) => `key ${key}`);
