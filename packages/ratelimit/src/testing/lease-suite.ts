import assert from "node:assert/strict";
import type { Clock } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import type { LeaseStore } from "../leases/lease-store.ts";
import type { SuiteCase } from "./suite-case.ts";

/** Gives an empty store of leases that goes by the clock. */
export type LeaseStoreFactory = (
  clock: Clock,
) => LeaseStore | Promise<LeaseStore>;

/** What every store owes a concurrency limiter, for any test runner. */
export const leaseSuite = (create: LeaseStoreFactory): readonly SuiteCase[] => {
  const check = (
    name: string,
    run: (leases: LeaseStore, clock: ManualClock) => Promise<void>,
  ): SuiteCase => ({
    name,
    run: async () => {
      const clock = new ManualClock();
      await clock.advance(1_000_000);
      await run(await create(clock), clock);
    },
  });
  return [
    check("gives no more than so many places of a key", async (leases) => {
      const asked = Array.from({ length: 50 }, (_, owner) =>
        leases.acquire("key", `owner ${owner}`, 7, 1_000),
      );
      const given = (await Promise.all(asked)).filter(Boolean);
      assert.equal(given.length, 7);
      assert(await leases.acquire("other", "owner 1", 1, 1_000));
    }),
    check("takes a place back from its owner only", async (leases) => {
      assert(await leases.acquire("key", "ann", 1, 1_000));
      assert.equal(await leases.release("key", "bob"), false);
      assert.equal(await leases.acquire("key", "bob", 1, 1_000), false);
      assert.equal(await leases.release("key", "ann"), true);
      assert.equal(await leases.release("key", "ann"), false);
      assert(await leases.acquire("key", "bob", 1, 1_000));
    }),
    check(
      "lets a place go at its end and not before",
      async (leases, clock) => {
        assert(await leases.acquire("key", "ann", 1, 1_000));
        await clock.advance(999);
        assert.equal(await leases.acquire("key", "bob", 1, 1_000), false);
        await clock.advance(1);
        assert(await leases.acquire("key", "bob", 1, 1_000));
        assert.equal(await leases.renew("key", "ann", 1_000), false);
        assert.equal(await leases.release("key", "ann"), false);
      },
    ),
    check("holds a place longer when it is renewed", async (leases, clock) => {
      assert(await leases.acquire("key", "ann", 1, 1_000));
      for (let renewal = 0; renewal < 5; renewal++) {
        await clock.advance(900);
        assert.equal(await leases.renew("key", "ann", 1_000), true);
      }
      await clock.advance(999);
      assert.equal(await leases.acquire("key", "bob", 1, 1_000), false);
      await clock.advance(1);
      assert.equal(await leases.renew("key", "ann", 1_000), false);
    }),
    check("gives an owner that asks again no second place", async (leases) => {
      assert(await leases.acquire("key", "ann", 2, 1_000));
      assert(await leases.acquire("key", "ann", 2, 1_000));
      assert(await leases.acquire("key", "bob", 2, 1_000));
      assert.equal(await leases.acquire("key", "eve", 2, 1_000), false);
    }),
  ];
};
