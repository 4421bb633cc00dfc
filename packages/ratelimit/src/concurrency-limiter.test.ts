import { drainMicrotasks, ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { createConcurrencyLimiter, memoryStore } from "./index.ts";
import type { LeaseStore } from "./leases/lease-store.ts";
import { MemoryLeases } from "./leases/memory-leases.ts";
import { leaseSuite } from "./testing/lease-suite.ts";

const make = (max = 2) => {
  const clock = new ManualClock();
  const state = { works: true };
  const owners: string[] = [];
  const memory = new MemoryLeases(clock);
  const guarded = <T>(act: () => Promise<T>): Promise<T> =>
    state.works ? act() : Promise.reject(new Error("down"));
  const leases: LeaseStore = {
    acquire: (...args) => {
      owners.push(args[1]);
      return guarded(() => memory.acquire(...args));
    },
    renew: (...args) => guarded(() => memory.renew(...args)),
    release: (...args) => guarded(() => memory.release(...args)),
  };
  const limiter = createConcurrencyLimiter({
    max,
    ttl: "30s",
    store: { leases },
    clock,
  });
  return { clock, state, memory, limiter, owners };
};

describe("a concurrency limiter", () => {
  it("gives so many leases of a key, and another when one is released", async () => {
    const { limiter } = make();
    const first = await limiter.acquire("ann");
    const second = await limiter.acquire("ann");
    expect(first?.key).toBe("ann");
    expect(await limiter.acquire("ann")).toBeUndefined();
    expect(await limiter.acquire("bob")).toBeDefined();
    await second?.release();
    expect(await limiter.acquire("ann")).toBeDefined();
  });

  it("keeps a lease for as long as it is held", async () => {
    const { limiter, clock } = make(1);
    const lease = await limiter.acquire("ann");
    await clock.advance(3_600_000);
    expect(lease?.signal.aborted).toBe(false);
    expect(await limiter.acquire("ann")).toBeUndefined();
    await lease?.release();
    expect(clock.pending).toBe(0);
  });

  it("gives a lease back at the end of its scope, once", async () => {
    const { limiter } = make(1);
    {
      await using lease = await limiter.acquire("ann");
      expect(lease).toBeDefined();
    }
    const next = await limiter.acquire("ann");
    expect(next).toBeDefined();
    await next?.release();
    const third = await limiter.acquire("ann");
    await next?.release();
    expect(await limiter.acquire("ann")).toBeUndefined();
    await third?.release();
  });

  it("loses a lease that cannot be renewed in its time, and says so", async () => {
    const { limiter, clock, state } = make(1);
    const lease = await limiter.acquire("ann");
    await clock.advance(10_000);
    state.works = false;
    await clock.advance(29_999);
    expect(lease?.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(lease?.signal.aborted).toBe(true);
    expect(String(lease?.signal.reason)).toContain("lease of ann has ended");
    state.works = true;
    expect(await limiter.acquire("ann")).toBeDefined();
    await lease?.release();
  });

  it("keeps a lease over an outage that is shorter than its time", async () => {
    const { limiter, clock, state } = make(1);
    const lease = await limiter.acquire("ann");
    state.works = false;
    await clock.advance(25_000);
    state.works = true;
    await clock.advance(60_000);
    expect(lease?.signal.aborted).toBe(false);
    expect(await limiter.acquire("ann")).toBeUndefined();
    await lease?.release();
  });

  it("loses a lease that the store knows no more, and says so", async () => {
    const { limiter, clock, memory, owners } = make(1);
    const lease = await limiter.acquire("ann");
    const name = JSON.stringify(["concurrency", "ann"]);
    expect(await memory.release(name, owners[0] ?? "")).toBe(true);
    await clock.advance(9_999);
    expect(lease?.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(lease?.signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it("never fails to release: what the store is not told of ends by itself", async () => {
    const { limiter, clock, state } = make(1);
    const lease = await limiter.acquire("ann");
    state.works = false;
    await lease?.release();
    state.works = true;
    expect(await limiter.acquire("ann")).toBeUndefined();
    await clock.advance(30_000);
    expect(await limiter.acquire("ann")).toBeDefined();
  });

  it("rejects when the store cannot tell", async () => {
    const { limiter, state } = make();
    state.works = false;
    await expect(limiter.acquire("ann")).rejects.toThrow("down");
  });

  it("counts what it gave, refused and lost", async () => {
    const { limiter, clock, state } = make(1);
    await limiter.acquire("ann");
    await limiter.acquire("ann");
    const read = () =>
      Array.from(limiter.metrics()).flatMap(({ samples }) =>
        Array.from(samples, ({ value }) => value),
      );
    expect(read()).toEqual([1, 1, 0, 1]);
    state.works = false;
    await clock.advance(60_000);
    expect(read()).toEqual([1, 1, 1, 0]);
  });

  it("keeps leases in the memory of a memory store, or of its own", async () => {
    for (const store of [undefined, memoryStore()]) {
      const limiter = createConcurrencyLimiter({ max: 1, store });
      const lease = await limiter.acquire("ann");
      expect(await limiter.acquire("ann")).toBeUndefined();
      await lease?.release();
    }
    await drainMicrotasks();
  });

  it("checks what it is given", async () => {
    expect(() => createConcurrencyLimiter({ max: 0 })).toThrow("max must be");
    expect(() => createConcurrencyLimiter({ max: 1, ttl: 9 })).toThrow(
      "ttl must be",
    );
    expect(() => createConcurrencyLimiter({ max: 1, store: {} })).toThrow(
      "store must be one that keeps leases",
    );
    await expect(
      createConcurrencyLimiter({ max: 1 }).acquire(5 as never),
    ).rejects.toThrow("key must be a string");
  });
});

describe("leases in memory", () => {
  for (const { name, run } of leaseSuite((clock) => new MemoryLeases(clock)))
    it(name, run);
});
