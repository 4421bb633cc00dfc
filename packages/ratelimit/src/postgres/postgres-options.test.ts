import { describe, expect, it } from "vitest";
import { postgresStore } from "./postgres-store.ts";

const client = { query: () => Promise.resolve({ rows: [{ count: 0 }] }) };

describe("postgresStore", () => {
  it.each([
    ["schema", { schema: "" }],
    ["schema", { schema: 'public"; drop' }],
    ["schema", { schema: "Public" }],
    ["prefix", { prefix: "1st" }],
    ["prefix", { prefix: "x".repeat(41) }],
    ["timeout", { timeout: 0 }],
  ])("refuses a bad %s", (option, options) => {
    expect(() => postgresStore(client, options)).toThrow(
      expect.objectContaining({ code: "DP_INVALID_OPTION", option }),
    );
  });

  it("refuses what cannot be queried", () => {
    expect(() => postgresStore({} as typeof client)).toThrow(
      expect.objectContaining({
        code: "DP_INVALID_OPTION",
        option: "queryable",
      }),
    );
  });

  it("refuses a sweep of batches of none", async () => {
    await expect(postgresStore(client).sweep({ batch: 0 })).rejects.toThrow(
      expect.objectContaining({ code: "DP_INVALID_OPTION", option: "batch" }),
    );
  });
});
