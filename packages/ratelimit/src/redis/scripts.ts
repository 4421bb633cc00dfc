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

const countingOf = (...parts: readonly string[]): Script =>
  scriptOf(
    "local floor, ceil, max, min, huge = math.floor, math.ceil, math.max, math.min, math.huge",
    "local algorithms = {}",
    stateLua,
    ...parts,
  );

/** Carries out the operations of a plan. */
export const decideScript: Script = countingOf(
  ...algorithms.values(),
  decideLua,
);

/** Takes from subjects of one policy, by its kind: what a script does not need to know it need not be told each time. */
export const takeScripts: ReadonlyMap<string, Script> = new Map(
  [...algorithms].map(([kind, text]) => [kind, countingOf(text, takeLua)]),
);

/** Takes, renews or releases one hold. */
export const leaseScript: Script = scriptOf(leasesLua);
