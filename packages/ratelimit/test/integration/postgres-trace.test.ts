import { servicesSkipped } from "@dp/services";
import { afterAll, beforeAll, describe, it } from "vitest";
import { startDatabase, type Database } from "./postgres-database.ts";
import { hardPolicies, playTrace } from "./store-trace.ts";

describe.skipIf(servicesSkipped)("a store in PostgreSQL", () => {
  let database: Database;
  beforeAll(async () => {
    database = await startDatabase();
  });
  afterAll(() => database.stop());

  it.each(Object.entries(hardPolicies))(
    "decides as memory does over a long trace: %s",
    async (_, policy) => {
      const { store } = await database.create();
      await playTrace(policy, store, { steps: 2_000, atOnce: 1 });
    },
  );
});
