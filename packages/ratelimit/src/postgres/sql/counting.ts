import { fixedWindowSql } from "./fixed-window.ts";
import type { Naming } from "./names.ts";
import { slidingLogSql } from "./sliding-log.ts";
import { slidingWindowSql } from "./sliding-window.ts";
import { tokenBucketSql } from "./token-bucket.ts";

const bodies: Readonly<Record<string, string>> = {
  "token-bucket": tokenBucketSql,
  "fixed-window": fixedWindowSql,
  "sliding-window": slidingWindowSql,
  "sliding-log": slidingLogSql,
};

/** The kinds of policies that the database can count. */
export const kinds: readonly string[] = Object.keys(bodies);

/**
 * One function for each algorithm, and `count`, which finds the one for a kind. Double precision is what JavaScript's
 * numbers are, and all of them are integers below 2^53: the answers are those of `algorithms/`.
 *
 * `n` is limit, burst, period in units of time, units per millisecond, 1 if windows follow the calendar. `start`, `heal`,
 * `charge`, `force` and `give back` return the cells as they then are, `wait` and `idle` one number.
 */
export const countingSql = (of: Naming): string => {
  const functions = kinds.map((kind) => {
    const name = of(kind.replace("-", "_"));
    return `create or replace function ${name}(
  action text, n float8[], c float8[], at_time float8, amount float8
) returns float8[] language plpgsql immutable as $body$${bodies[kind] as string}$body$;`;
  });
  const cases = kinds.map(
    (kind) =>
      `    when '${kind}' then ${of(kind.replace("-", "_"))}(action, n, c, at_time, amount)`,
  );
  return `${functions.join("\n")}
create or replace function ${of("count")}(
  kind text, action text, n float8[], c float8[], at_time float8, amount float8
) returns float8[] language sql immutable as $body$
  select case kind
${cases.join("\n")}
  end
$body$;`;
};
