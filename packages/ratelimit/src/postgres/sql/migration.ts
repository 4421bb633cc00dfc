import { countingSql } from "./counting.ts";
import { leasesSql } from "./leases.ts";
import { namingOf } from "./names.ts";
import { operationsSql } from "./operations.ts";
import { tableSql } from "./table.ts";

/**
 * One statement that makes everything a store needs, as one transaction, and changes nothing when repeated. Those who run it
 * at the same time wait for each other: without that PostgreSQL fails all but one of them.
 */
export const migrationSql = (schema: string, prefix: string): string => {
  const of = namingOf(schema, prefix);
  return `do $migration$
begin
  perform pg_advisory_xact_lock(hashtextextended('@dp/ratelimit ${schema}.${prefix}', 0));
  if to_regnamespace('"${schema}"') is null then
    create schema "${schema}";
  end if;
  ${tableSql(of)}
  ${countingSql(of)}
  ${operationsSql(of)}
  ${leasesSql(of)}
end
$migration$`;
};
