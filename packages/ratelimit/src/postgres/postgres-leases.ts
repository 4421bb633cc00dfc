import type { Clock } from "@dp/core";
import type { LeaseStore } from "../leases/lease-store.ts";
import { askedLeases } from "../remote/asked-leases.ts";
import { microseconds } from "../remote/deciding.ts";
import { nameOf } from "./row-keys.ts";
import type { Naming } from "./sql/names.ts";
import type { Statements } from "./statements.ts";

/** Leases in PostgreSQL: a row for each hold. One statement each. */
export const postgresLeases = (
  statements: Statements,
  of: Naming,
  clock: Clock | undefined,
): LeaseStore => {
  const text = `select ${of("lease")}($1::text, $2::text, $3::text, $4::float8, $5::float8, $6::float8)`;
  return askedLeases(async (operation, key, owner, ttlMs, max) => {
    const nowMs = clock?.now();
    const reply = await statements.run(text, [
      operation,
      nameOf(key),
      nameOf(owner),
      String(microseconds(ttlMs)),
      String(max),
      nowMs === undefined ? null : String(microseconds(nowMs)),
    ]);
    return reply === "1";
  });
};
