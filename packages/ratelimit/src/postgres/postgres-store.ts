import type { Clock } from "@dp/core";
import type { LeaseStore } from "../leases/lease-store.ts";
import type { BoundPolicy, LimitStore, StoreSession } from "../stores/store.ts";
import { postgresLeases } from "./postgres-leases.ts";
import {
  requireQueryable,
  resolvePostgresStore,
  resolveSweep,
  type PostgresStoreOptions,
  type SweepOptions,
} from "./postgres-options.ts";
import { PostgresSession } from "./postgres-session.ts";
import type { Queryable } from "./queryable.ts";
import { migrationSql } from "./sql/migration.ts";
import { namingOf } from "./sql/names.ts";
import { Statements } from "./statements.ts";

/** A store in PostgreSQL. */
export interface PostgresStore extends LimitStore {
  readonly leases: LeaseStore;
  /**
   * Makes the table and the functions if they are not there, and brings the functions up to date. Harmless when repeated, also
   * by several at the same time. Rejects as the client does.
   */
  migrate(): Promise<void>;
  /**
   * Deletes all rows of subjects that have long been back to full, and of leases that have ended; says how many. Never
   * waits for a decision. Not needed while new ones come, because each deletes two such rows. Rejects as the client does.
   */
  sweep(options?: SweepOptions): Promise<number>;
}

/**
 * A store in PostgreSQL 14 or later, for limits that all processes share, by a pool or client of `pg` that the caller has made.
 * Call `migrate` first, or run it where the schema is deployed.
 *
 * A decision is one call of one function in one round trip, whatever the number of policies: atomic, exact as in memory, by
 * the server's own time, and a refusal charges nothing. Rows are locked in one order, so that decisions wait for each
 * other but never deadlock. A statement that fails or is not answered within `timeout` is not sent again, unless PostgreSQL
 * says it has undone it; then the limiter's `onStoreError` decides. What got lost may have been charged, once.
 *
 * Pass a pool (with a handler of its `error` event), not a client inside a transaction: locks last until its end. The table is
 * unlogged: it costs no wait for the disk, is empty after a crash of the server and does not get to standbys, so that limits
 * start afresh then. `alter table … set logged` makes it durable.
 *
 * Throws `InvalidOptionError` for bad options; `bind` does for a policy of a kind that the functions do not know.
 */
export const postgresStore = (
  queryable: Queryable,
  options: PostgresStoreOptions = {},
): PostgresStore => {
  const { schema, prefix, timeoutMs, clock } = resolvePostgresStore(options);
  const of = namingOf(schema, prefix);
  const statements = new Statements(requireQueryable(queryable), timeoutMs);
  return {
    leases: postgresLeases(statements, of, clock),
    bind: (
      policies: readonly BoundPolicy[],
      ownClock: Clock | undefined,
    ): StoreSession =>
      new PostgresSession({ statements, of }, policies, ownClock ?? clock),
    migrate: async () => {
      await statements.runAtLeisure(migrationSql(schema, prefix));
    },
    sweep: async (sweepOptions = {}) => {
      const batch = resolveSweep(sweepOptions);
      const sweepAll = async (name: string): Promise<number> => {
        const text = `select ${of(name)}(${batch})`;
        for (let total = 0; ;) {
          const count = Number(await statements.runAtLeisure(text));
          total += count;
          if (count < batch) return total;
        }
      };
      return (await sweepAll("sweep")) + (await sweepAll("sweep_leases"));
    },
  };
};
