import { createLimiter, memoryStore, tokenBucket } from "@dp/ratelimit";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { createLimitStores } from "./limit-stores.ts";

const clock = new ManualClock();
const policies = { daily: tokenBucket({ limit: 1, per: "1d" }) };

describe("the stores of limits", () => {
  it("let no flood of keys in one scope touch the keys of another", () => {
    const storeFor = createLimitStores(undefined, () =>
      memoryStore({ maxKeys: 10 }),
    );
    const limiterOf = (scope: string) =>
      createLimiter({ policies, prefix: scope, store: storeFor(scope), clock });
    const flooded = limiterOf("/flooded");
    for (let key = 0; key < 100; key++) flooded.takeSync(`key ${key}`);
    expect(flooded.takeSync("somebody").allowed).toBe(false);
    expect(limiterOf("/calm").takeSync("somebody").allowed).toBe(true);
  });

  it("are the same for the same scope", () => {
    const storeFor = createLimitStores(undefined);
    expect(storeFor("/a")).toBe(storeFor("/a"));
    expect(storeFor("/a")).not.toBe(storeFor("/b"));
  });

  it("are the one given, if one is", () => {
    const given = memoryStore();
    const storeFor = createLimitStores(given);
    expect([storeFor("/a"), storeFor("/b")]).toEqual([given, given]);
  });
});
