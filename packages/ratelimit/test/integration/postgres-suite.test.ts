import { servicesSkipped } from "@dp/services";
import { afterAll, beforeAll, describe, it } from "vitest";
import { leaseSuite, storeSuite } from "../../src/testing/index.ts";
import { startDatabase, type Database } from "./postgres-database.ts";

describe.skipIf(servicesSkipped)("a store in PostgreSQL", () => {
  let database: Database;
  beforeAll(async () => {
    database = await startDatabase();
  });
  afterAll(() => database.stop());

  for (const { name, run } of storeSuite(
    async () => (await database.create()).store,
  ))
    it(name, run);
  for (const { name, run } of leaseSuite(
    async (clock) => (await database.create({ clock })).store.leases,
  ))
    it(name, run);
});
