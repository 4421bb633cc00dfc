export { postgresStore, type PostgresStore } from "./postgres-store.ts";
export type { PostgresStoreOptions, SweepOptions } from "./postgres-options.ts";
export type { Queryable } from "./queryable.ts";
