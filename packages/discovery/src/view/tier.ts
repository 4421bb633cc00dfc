import type { Member } from "./member.ts";
import type { TierPart } from "./tier-part.ts";

/** Members that are as good as each other: those of one priority, or of one side of the zone's border in it. */
export interface Tier<M> {
  readonly priority: number;
  readonly part: TierPart;
  /** Those that may be picked. */
  readonly candidates: readonly Member<M>[];
  /** The part of the picks it gets, 0 to 1; a tier of 0 serves when all before it are excluded. */
  readonly load: number;
  /** Health is ignored. */
  readonly panic: boolean;
}

/** A tier with load serves before one that waits, and one whose health is known before one in a panic. */
const resort = <M>({ load, panic }: Tier<M>): number => {
  if (load > 0) return 0;
  return panic ? 2 : 1;
};

/** The tiers in the order in which they serve a pick that excludes all of the ones before. */
export const byResort = <M>(tiers: readonly Tier<M>[]): readonly Tier<M>[] =>
  [...tiers].sort((a, b) => resort(a) - resort(b));
