import { createHash } from "node:crypto";
import { decideLua } from "./lua/decide.ts";
import { fixedWindowLua } from "./lua/fixed-window.ts";
import { leasesLua } from "./lua/leases.ts";
import { slidingLogLua } from "./lua/sliding-log.ts";
import { slidingWindowLua } from "./lua/sliding-window.ts";
import { stateLua } from "./lua/state.ts";
import { takeLua } from "./lua/take.ts";
import { tokenBucketLua } from "./lua/token-bucket.ts";

/** A script and what Redis calls it once it has seen it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

const algorithms: ReadonlyMap<string, string> = new Map([
  ["token-bucket", tokenBucketLua],
  ["fixed-window", fixedWindowLua],
  ["sliding-window", slidingWindowLua],
  ["sliding-log", slidingLogLua],
]);

/** The kinds of policies that the scripts can count. */
export const kinds: readonly string[] = [...algorithms.keys()];

/**
 * A call that nobody waits for any more changes nothing: a client may send again what a lost connection left unanswered,
 * and the first sending may have been carried out.
 */
const stale = "return redis.error_reply('STALE nobody waits for this call')";

const scriptOf = (...parts: readonly string[]): Script => {
  const text = [`if ARGV[1] ~= '1' then ${stale} end`, ...parts].join("\n");
  return { text, sha: createHash("sha1").update(text).digest("hex") };
};

/**
 * Carries out the operations of a plan, or takes from subjects of one policy. One script for both, because Redis forgets
 * scripts: of two it might know one, and what is asked for by that would overtake what was asked for before by the other.
 */
export const decideScript: Script = scriptOf(
  "local floor, ceil, max, min, huge = math.floor, math.ceil, math.max, math.min, math.huge",
  "local algorithms = {}",
  ...algorithms.values(),
  stateLua,
  "if #ARGV == 2 then",
  decideLua,
  "else",
  takeLua,
  "end",
);

/** Takes, renews or releases one hold. */
export const leaseScript: Script = scriptOf(leasesLua);
