import {
  InvalidOptionError,
  requireDuration,
  requireInteger,
  requireText,
  type Clock,
  type Duration,
} from "@dp/core";

/** How a store in Redis works. */
export interface RedisStoreOptions {
  /**
   * Begins every key; without braces. Stores of other prefixes share nothing.
   * @defaultValue `'dp'`
   */
  readonly prefix?: string | undefined;
  /**
   * How long an answer is waited for. After it the limiter does what its `onStoreError` says; the call may still be
   * carried out if Redis has it already. At least 1 ms.
   * @defaultValue `'100ms'`
   */
  readonly timeout?: Duration | undefined;
  /**
   * Whether the decisions asked for in one turn of the event loop go out as one call of at most 200. False: one call each.
   * @defaultValue true
   */
  readonly batch?: boolean | undefined;
  /**
   * Where time comes from, for limiters that have no clock of their own. Only for clocks that read the same in all
   * processes that share the store. Keys then live an hour longer than by Redis' own time.
   * @defaultValue Redis' own time
   */
  readonly clock?: Clock | undefined;
  /**
   * Whether a refusal is repeated without asking Redis for as long as it must hold. What other processes give back, reset
   * or unblock meanwhile is not seen, nor what they block.
   * @defaultValue false
   */
  readonly denyCache?: boolean | undefined;
  /**
   * How many units of a subject a limiter may take beforehand and spend without asking Redis; 0: none. Each limiter on the
   * store (so each process) can then let through so many more than the limit in any interval, and no more. What others
   * block, reset or use up meanwhile is noticed at the end of a lease, after 1 s unused or the time in which it comes back.
   * @defaultValue 0
   */
  readonly lease?: number | undefined;
}

/** {@link RedisStoreOptions} with everything decided. */
export interface ResolvedRedisStore {
  readonly prefix: string;
  readonly timeoutMs: number;
  readonly batch: boolean;
  readonly clock: Clock | undefined;
  readonly denyCache: boolean;
  readonly lease: number;
}

/** Defaults and bounds of {@link RedisStoreOptions}. */
export const resolveRedisStore = (
  options: RedisStoreOptions,
): ResolvedRedisStore => {
  const prefix = requireText("prefix", options.prefix ?? "dp");
  if (/[{}]/.test(prefix))
    throw new InvalidOptionError("prefix", prefix, "a string without braces");
  return {
    prefix,
    timeoutMs: requireDuration("timeout", options.timeout ?? "100ms", 1),
    batch: requireBoolean("batch", options.batch ?? true),
    clock: options.clock,
    denyCache: requireBoolean("denyCache", options.denyCache ?? false),
    lease: requireInteger("lease", options.lease ?? 0, 0),
  };
};

const requireBoolean = (option: string, value: unknown): boolean => {
  if (typeof value === "boolean") return value;
  throw new InvalidOptionError(option, value, "true or false");
};
