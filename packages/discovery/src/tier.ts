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
