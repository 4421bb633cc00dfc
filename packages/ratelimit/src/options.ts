import {
  InvalidOptionError,
  requireDuration,
  requireInteger,
  requireOneOf,
  requireText,
  systemClock,
  type Clock,
  type Duration,
} from "@dp/core";
import type { LimitPolicy } from "./algorithms/algorithm.ts";

/** The rate of a token bucket for one subject. */
export interface SubjectLimit {
  /** Tokens added each period; an integer of at least 1. For less than one a second use a longer `per`. */
  readonly limit: number;
  /** The period; at least 1 us, rounded to whole microseconds. */
  readonly per: Duration;
  /**
   * Tokens a rested subject holds; an integer of at least 1.
   * @defaultValue `limit`
   */
  readonly burst?: number | undefined;
}

/** The rate of a token bucket. */
export interface TokenBucketOptions extends SubjectLimit {
  /**
   * The limit of a subject that has one of its own (a customer's plan), undefined for the others. Asked in every decision,
   * so it should look the answer up and not compute it. A subject whose numbers or `version` change starts afresh.
   * @defaultValue none: one limit for all
   */
  readonly limitFor?:
    ((subject: string) => VersionedLimit | undefined) | undefined;
}

/** What `limitFor` answers. */
export interface VersionedLimit extends SubjectLimit {
  /**
   * Counts of other versions are not looked at: change it to give a subject a fresh start.
   * @defaultValue none
   */
  readonly version?: string | number | undefined;
}

/** The limit of a sliding window. */
export interface SlidingWindowOptions {
  /** Units per period; an integer of at least 1. */
  readonly limit: number;
  /** The period; at least 1 us, rounded to whole microseconds. */
  readonly per: Duration;
}

/** The limit of a fixed window. */
export interface FixedWindowOptions {
  /** Units per window; an integer of at least 1. */
  readonly limit: number;
  /** The length of a window; at least 1 us, rounded to whole microseconds. */
  readonly per: Duration;
  /**
   * Where windows begin: `'first-hit'` = with the first take after the last one ended, for each subject; `'utc'` = for
   * all subjects at multiples of `per` since 1970 of the wall clock (days and hours of UTC; weeks begin on Thursday).
   * @defaultValue `'first-hit'`
   */
  readonly align?: "first-hit" | "utc" | undefined;
}

/** The limit of a sliding log. */
export interface SlidingLogOptions {
  /** Units in any period; an integer from 1 to 1,000, because each unit takes 16 bytes of state. */
  readonly limit: number;
  /** The period; at least 1 us, rounded to whole microseconds. */
  readonly per: Duration;
}

/** The limits of a limiter by name. Names are metric labels, result keys and the ids in the RateLimit fields. */
export type Policies = Readonly<Record<string, LimitPolicy>>;

/** What a limiter enforces, and how it stands in its surroundings. */
export interface LimiterOptions<P extends Policies> {
  /** At least one; all are decided at once, and all or none are charged. Names are printable ASCII. */
  readonly policies: P;
  /**
   * Limits that only watch: they are charged and counted in the metrics, and never refuse.
   * @defaultValue none
   */
  readonly shadow?: readonly (keyof P & string)[] | undefined;
  /**
   * Sets limiters that share a store apart, and is the `limiter` label of the metrics. Limiters of equal prefix on one
   * store share what equal policies of equal name have counted.
   * @defaultValue `'default'`
   */
  readonly prefix?: string | undefined;
  /**
   * Where time comes from. Its `now()` is read once a decision.
   * @defaultValue the store's own time; for a memory store the machine's monotonic clock
   */
  readonly clock?: Clock | undefined;
  /**
   * What becomes of a decision when the store fails or does not answer in its time. It is asked again for the next one.
   *
   * @defaultValue 'local'
   */
  readonly onStoreError?: OnStoreError | undefined;
}

/**
 * Without its store a limiter lets everything through (`open`), refuses everything with reason `store` (`closed`), counts
 * in this process alone by the same policies (`local`), or throws a `LimitStoreError` (`throw`).
 */
export type OnStoreError = "open" | "closed" | "local" | "throw";

/** How much a memory store holds, and what becomes of new subjects when it is full. */
export interface MemoryStoreOptions {
  /**
   * The most subjects kept, counted once for each policy; from 1 to 8,388,608.
   * @defaultValue 100,000
   */
  readonly maxKeys?: number | undefined;
  /**
   * What happens to a new subject when every kept one is still throttled or spending: `'shared'` = all such subjects
   * share one bucket per policy; `'deny'` = they are refused with the reason `store`.
   * @defaultValue `'shared'`
   */
  readonly overflow?: "shared" | "deny" | undefined;
}

/** {@link SubjectLimit} with everything decided. */
export interface ResolvedTokenBucket {
  readonly limit: number;
  readonly burst: number;
  readonly periodMs: number;
  readonly unitsPerMs: 1000 | 1;
  readonly identity: string;
}

/** The longest time to refill, in units: with twice of it added, a clock's reading is still an exact integer. */
const longestSpan = 2 ** 51;

/** Defaults and bounds of a rate. */
export const resolveTokenBucket = (
  options: SubjectLimit,
): ResolvedTokenBucket => {
  const limit = requireInteger("limit", options.limit, 1);
  const burst = requireInteger("burst", options.burst ?? limit, 1);
  const givenMs = requireDuration("per", options.per, 0.001, longestSpan);
  const micros = Math.round(givenMs * 1000);
  const whole = Number.isInteger(givenMs);
  const inMicros = isExact(limit, burst, micros);
  if (inMicros || (whole && isExact(limit, burst, givenMs))) {
    const periodMs = inMicros ? micros / 1000 : givenMs;
    const identity = `token-bucket ${limit}/${periodMs}ms burst ${burst}`;
    const unitsPerMs = inMicros ? 1000 : 1;
    return { limit, burst, periodMs, unitsPerMs, identity };
  }
  const most =
    Math.min(Number.MAX_SAFE_INTEGER, longestSpan * limit) /
    (whole ? givenMs : micros);
  throw new InvalidOptionError(
    options.burst === undefined ? "limit" : "burst",
    burst,
    `an integer from 1 to ${Math.floor(most)} for a period of ${givenMs} ms`,
  );
};

/** Whether all arithmetic on a bucket stays within exact integers, if its period is `period` units. */
const isExact = (limit: number, burst: number, period: number): boolean =>
  burst * period <= Number.MAX_SAFE_INTEGER &&
  (burst * period) / limit <= longestSpan;

/** Defaults and bounds of {@link TokenBucketOptions.limitFor}. */
export const resolveLimitFor = (
  limitFor: TokenBucketOptions["limitFor"],
): TokenBucketOptions["limitFor"] => {
  if (limitFor === undefined || typeof limitFor === "function") return limitFor;
  throw new InvalidOptionError("limitFor", limitFor, "a function");
};

/** What `limitFor` answered for a subject, with everything decided. */
export const resolveSubjectLimit = (
  subject: string,
  answer: VersionedLimit,
): ResolvedTokenBucket => {
  try {
    // Null, a text or a promise is refused for the limit it lacks.
    const given = (answer as VersionedLimit | null) ?? {};
    const resolved = resolveTokenBucket(given as SubjectLimit);
    const { version } = given as VersionedLimit;
    if (version === undefined) return resolved;
    if (typeof version !== "string" && typeof version !== "number")
      throw new InvalidOptionError("version", version, "a string or a number");
    const identity = `${resolved.identity} version ${JSON.stringify(version)}`;
    return { ...resolved, identity };
  } catch (error) {
    if (!InvalidOptionError.is(error)) throw error;
    const cut = subject.length > 100 ? `${subject.slice(0, 100)}…` : subject;
    const option = `limitFor(${JSON.stringify(cut)}).${error.option}`;
    throw new InvalidOptionError(option, error.value, error.bound);
  }
};

/** A limit and its period with everything decided. */
export interface ResolvedWindow {
  readonly limit: number;
  readonly periodMs: number;
  /** In microseconds. */
  readonly period: number;
}

/** With one limit of debt the count is still an exact integer. */
const mostUnits = 2 ** 52;

/** Bounds of a limit that is no rate. */
export const resolveWindow = (
  options: { readonly limit: number; readonly per: Duration },
  most: number = mostUnits,
): ResolvedWindow => {
  const limit = requireInteger("limit", options.limit, 1, most);
  const longestMs = longestSpan / 1000;
  const givenMs = requireDuration("per", options.per, 0.001, longestMs);
  const period = Math.round(givenMs * 1000);
  return { limit, periodMs: period / 1000, period };
};

/** Defaults and bounds of {@link FixedWindowOptions.align}. */
export const resolveAlign = (
  align: FixedWindowOptions["align"],
): "first-hit" | "utc" =>
  requireOneOf("align", align ?? "first-hit", ["first-hit", "utc"]);

/** {@link LimiterOptions} with everything decided. */
export interface ResolvedLimiter<P extends string> {
  readonly names: readonly P[];
  readonly policies: readonly LimitPolicy[];
  readonly shadow: ReadonlySet<P>;
  readonly prefix: string;
  readonly clock: Clock | undefined;
  readonly onStoreError: OnStoreError;
}

/** Defaults and bounds of {@link LimiterOptions}. */
export const resolveLimiter = <P extends Policies>(
  options: LimiterOptions<P>,
): ResolvedLimiter<keyof P & string> => {
  const given: unknown = options.policies;
  const names = Object.keys(given ?? {}) as (keyof P & string)[];
  if (typeof given !== "object" || names.length === 0)
    throw new InvalidOptionError(
      "policies",
      given,
      "an object of at least one policy",
    );
  for (const name of names) {
    const policy = options.policies[name] as Partial<LimitPolicy> | null;
    if (typeof policy?.charge !== "function")
      throw new InvalidOptionError(
        `policies.${name}`,
        policy,
        "a limit like tokenBucket({ limit: 100, per: '1s' })",
      );
  }
  const shadow = new Set<keyof P & string>();
  for (const name of options.shadow ?? [])
    shadow.add(requireOneOf("shadow", name, names));
  return {
    names: names.map(requireHeaderName),
    policies: names.map((name) => options.policies[name] as LimitPolicy),
    shadow,
    prefix: requireText("prefix", options.prefix ?? "default"),
    clock: options.clock,
    onStoreError: requireOneOf(
      "onStoreError",
      options.onStoreError ?? "local",
      ["open", "closed", "local", "throw"],
    ),
  };
};

/** Names are sent as Strings of RFC 9651, which hold printable ASCII only. */
const requireHeaderName = <N extends string>(name: N): N => {
  if (/^[\x20-\x7e]+$/.test(name) && name !== "__proto__") return name;
  throw new InvalidOptionError("policies", name, "named in printable ASCII");
};

interface ResolvedMemoryStore {
  readonly maxKeys: number;
  readonly overflow: "shared" | "deny";
}

/**
 * A JavaScript Map holds 2^24 entries, deleted ones included until it is rebuilt at half full: with half as many live
 * ones it never has to grow beyond that.
 */
const mostKeys = 2 ** 23;

/** Defaults and bounds of {@link MemoryStoreOptions}. */
export const resolveMemoryStore = (
  options: MemoryStoreOptions,
): ResolvedMemoryStore => ({
  maxKeys: requireInteger("maxKeys", options.maxKeys ?? 100_000, 1, mostKeys),
  overflow: requireOneOf("overflow", options.overflow ?? "shared", [
    "shared",
    "deny",
  ]),
});

/** The clock of a store that has no time of its own. */
export const clockOrSystem = (clock: Clock | undefined): Clock =>
  clock ?? systemClock;
