import { createHash } from "node:crypto";
import { decideLua } from "./lua/decide.ts";
import { fixedWindowLua } from "./lua/fixed-window.ts";
import { leasesLua } from "./lua/leases.ts";
import { slidingLogLua } from "./lua/sliding-log.ts";
import { slidingWindowLua } from "./lua/sliding-window.ts";
import { tokenBucketLua } from "./lua/token-bucket.ts";

/** A script and what Redis calls it once it has seen it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

/** The kinds of policies that the script can count. */
export const kinds: readonly string[] = [
  "token-bucket",
  "fixed-window",
  "sliding-window",
  "sliding-log",
];

/**
 * A call that nobody waits for any more changes nothing: a client may send again what a lost connection left unanswered,
 * and the first sending may have been carried out.
 */
const stale = "return redis.error_reply('STALE nobody waits for this call')";

const scriptOf = (...parts: readonly string[]): Script => {
  const text = [`if ARGV[1] ~= '1' then ${stale} end`, ...parts].join("\n");
  return { text, sha: createHash("sha1").update(text).digest("hex") };
};

/** Carries out the operations of a plan. */
export const decideScript: Script = scriptOf(
  "local floor, ceil, max, min, huge = math.floor, math.ceil, math.max, math.min, math.huge",
  "local algorithms = {}",
  tokenBucketLua,
  fixedWindowLua,
  slidingWindowLua,
  slidingLogLua,
  decideLua,
);

/** Takes, renews or releases one hold. */
export const leaseScript: Script = scriptOf(leasesLua);
