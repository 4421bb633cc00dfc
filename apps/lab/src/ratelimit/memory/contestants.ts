import { bare } from "./bare.ts";
import type { Contestant } from "./contestant.ts";
import { ours } from "./ours.ts";
import { peers } from "./peers.ts";

/** The first is what the others are compared with. */
export const contestants: readonly Contestant[] = [bare, ...ours, ...peers];
