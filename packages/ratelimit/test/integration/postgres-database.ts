import { startPostgres, type Server } from "@dp/services";
import { Pool, type PoolConfig } from "pg";
import {
  postgresStore,
  type PostgresStore,
  type PostgresStoreOptions,
} from "../../src/postgres/index.ts";

/** A server, a pool on it and stores in it. */
export interface Database {
  readonly server: Server;
  readonly pool: Pool;
  /** An empty store that no other test uses, and its table. */
  readonly create: (
    options?: PostgresStoreOptions,
  ) => Promise<{ readonly store: PostgresStore; readonly table: string }>;
  readonly stop: () => Promise<void>;
}

let stores = 0;

/**
 * A pool none of whose connections complains when the server ends: a pool that has ended still has some, which it listens
 * to no more.
 */
export const quietPool = (options: PoolConfig): Pool => {
  const pool = new Pool(options);
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
};

export const startDatabase = async (): Promise<Database> => {
  const server = await startPostgres();
  const pool = quietPool({ connectionString: server.url, max: 10 });
  return {
    server,
    pool,
    create: async (options = {}) => {
      const prefix = `limits_${process.pid}_${stores++}`;
      const all = { prefix, timeout: "20s", ...options } as const;
      const store = postgresStore(pool, all);
      await store.migrate();
      return { store, table: `${all.schema ?? "public"}.${all.prefix}` };
    },
    stop: async () => {
      await pool.end();
      await server.stop();
    },
  };
};
