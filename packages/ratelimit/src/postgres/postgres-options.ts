import {
  InvalidOptionError,
  requireDuration,
  requireInteger,
  requireText,
  type Clock,
  type Duration,
} from "@dp/core";
import type { Queryable } from "./queryable.ts";

/** How a store in PostgreSQL works. */
export interface PostgresStoreOptions {
  /**
   * The schema of its table and functions: lower-case letters, digits and underscores. `migrate` creates it if it is not
   * there.
   * @defaultValue `'public'`
   */
  readonly schema?: string | undefined;
  /**
   * The name of the table, and what the names of the functions begin with; letters as in `schema`, at most 40. Stores of other
   * prefixes share nothing.
   * @defaultValue `'dp_ratelimit'`
   */
  readonly prefix?: string | undefined;
  /**
   * How long an answer is waited for. After it the limiter does what its `onStoreError` says; the statement may still be
   * carried out. At least 1 ms.
   * @defaultValue `'500ms'`
   */
  readonly timeout?: Duration | undefined;
  /**
   * Where time comes from, for limiters that have no clock of their own. Only for clocks that read the same in all
   * processes that share the store. Rows then stay for an hour longer than by the server's own time.
   * @defaultValue the server's own time
   */
  readonly clock?: Clock | undefined;
}

/** How a sweep works. */
export interface SweepOptions {
  /**
   * How many rows one statement deletes at most; an integer of at least 1.
   * @defaultValue 1000
   */
  readonly batch?: number | undefined;
}

/** {@link PostgresStoreOptions} with everything decided. */
export interface ResolvedPostgresStore {
  readonly schema: string;
  readonly prefix: string;
  readonly timeoutMs: number;
  readonly clock: Clock | undefined;
}

/** Defaults and bounds of {@link PostgresStoreOptions}. */
export const resolvePostgresStore = (
  options: PostgresStoreOptions,
): ResolvedPostgresStore => ({
  schema: requireName("schema", options.schema ?? "public", 63),
  // PostgreSQL cuts names at 63 bytes, and some have more after it.
  prefix: requireName("prefix", options.prefix ?? "dp_ratelimit", 40),
  timeoutMs: requireDuration("timeout", options.timeout ?? "500ms", 1),
  clock: options.clock,
});

/** Defaults and bounds of {@link SweepOptions}. */
export const resolveSweep = (options: SweepOptions): number =>
  requireInteger("batch", options.batch ?? 1000, 1, 1_000_000);

const requireName = (
  option: string,
  value: string,
  longest: number,
): string => {
  const name = requireText(option, value);
  if (/^[a-z_][a-z0-9_]*$/.test(name) && name.length <= longest) return name;
  throw new InvalidOptionError(
    option,
    name,
    `at most ${longest} lower-case letters, digits and underscores, not beginning with a digit`,
  );
};

/** `value` if it can be asked; throws `InvalidOptionError` otherwise. */
export const requireQueryable = (value: Queryable): Queryable => {
  const { query } = value as Partial<Queryable>;
  if (typeof query === "function") return value;
  throw new InvalidOptionError(
    "queryable",
    value,
    "a pool or client with a method query",
  );
};
