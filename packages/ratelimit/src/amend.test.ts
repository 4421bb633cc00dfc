import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { createLimiter, memoryStore, tokenBucket } from "./index.ts";

const perSecond = tokenBucket({ limit: 10, per: "1s" });
const perMinute = tokenBucket({ limit: 100, per: "1m" });

const make = (maxKeys?: number) => {
  const clock = new ManualClock();
  const limiter = createLimiter({
    policies: { perSecond, perMinute },
    store: memoryStore({ maxKeys, overflow: "deny" }),
    clock,
  });
  const left = async (key: string): Promise<[number, number]> => {
    const { perSecond, perMinute } = (await limiter.peek(key, 0)).limits;
    return [perSecond.remaining, perMinute.remaining];
  };
  return { clock, limiter, left };
};

describe("a refund", () => {
  it("gives back to every policy what a call has taken", async () => {
    const { limiter, left } = make();
    await limiter.take("ann", 6);
    await limiter.refund("ann", 4);
    expect(await left("ann")).toEqual([8, 98]);
  });

  it("gives no more than full, also to one that is unknown", async () => {
    const { limiter, left } = make();
    await limiter.take("ann", 2);
    await limiter.refund("ann", 1_000);
    await limiter.refund("bob", 5);
    expect(await left("ann")).toEqual([10, 100]);
    expect(await left("bob")).toEqual([10, 100]);
  });

  it("makes room in the store sooner", async () => {
    const { limiter, clock } = make(2);
    await limiter.take("ann", 10);
    expect((await limiter.take("bob")).allowed).toBe(false);
    await limiter.refund("ann", 10);
    await clock.advance(1);
    expect((await limiter.take("bob")).allowed).toBe(true);
  });
});

describe("a penalty", () => {
  it("takes without asking, down to a debt of one burst", async () => {
    const { limiter, clock } = make();
    await limiter.penalize("ann", 15);
    expect(await limiter.take("ann")).toMatchObject({
      allowed: false,
      violated: ["perSecond"],
      retryAfterMs: 600,
    });
    await limiter.penalize("ann", 1_000);
    await clock.advance(1_000);
    expect((await limiter.take("ann")).allowed).toBe(false);
    await clock.advance(100_000);
    expect((await limiter.peek("ann", 10)).allowed).toBe(true);
  });
});

describe("a block", () => {
  it("refuses everything with its own reason until its time is over", async () => {
    const { limiter, clock } = make();
    await limiter.block("ann", "10s");
    expect(await limiter.take("ann")).toMatchObject({
      allowed: false,
      reason: "blocked",
      violated: ["perSecond", "perMinute"],
      retryAfterMs: 10_000,
      remaining: 0,
    });
    expect((await limiter.take("bob")).allowed).toBe(true);
    await clock.advance(9_999);
    expect((await limiter.take("ann")).allowed).toBe(false);
    await clock.advance(1);
    expect(limiter.takeSync("ann", 10)).toMatchObject({ allowed: true });
  });

  it("names the policies whose subject is blocked, and charges none", async () => {
    const { limiter, left } = make();
    await limiter.block({ perSecond: "address", perMinute: "nobody" }, "1s");
    const keys = { perSecond: "address", perMinute: "ann" };
    expect(await limiter.take(keys)).toMatchObject({ violated: ["perSecond"] });
    expect((await left("ann"))[1]).toBe(100);
  });

  it("lasts as long as the limit, if that takes longer", async () => {
    const { limiter } = make();
    await limiter.take("ann", 10);
    await limiter.block("ann", 100);
    expect(await limiter.take("ann", 5)).toMatchObject({
      reason: "blocked",
      retryAfterMs: 500,
    });
  });

  it("ends when told so, by 0 or by a reset", async () => {
    const { limiter } = make();
    await limiter.block("ann", "1d");
    await limiter.block("ann", 0);
    expect((await limiter.take("ann")).allowed).toBe(true);
    await limiter.block("ann", "1d");
    await limiter.reset("ann");
    expect((await limiter.take("ann")).allowed).toBe(true);
  });

  it("holds for limiters of one policy too, before and after its limit is reached", async () => {
    const limiter = createLimiter({
      policies: { perSecond },
      clock: new ManualClock(),
    });
    await limiter.take("ann");
    await limiter.block("ann", "1m");
    expect(limiter.takeSync("ann")).toMatchObject({ reason: "blocked" });
    await limiter.penalize("ann", 10);
    expect(limiter.takeSync("ann")).toMatchObject({
      reason: "blocked",
      retryAfterMs: 60_000,
    });
  });

  it("only watches in shadow", async () => {
    const limiter = createLimiter({
      policies: { perSecond, perMinute },
      shadow: ["perSecond", "perMinute"],
      clock: new ManualClock(),
    });
    await limiter.block("ann", "1m");
    expect((await limiter.take("ann")).allowed).toBe(true);
  });
});

describe("a reset", () => {
  it("makes a subject one that has taken nothing", async () => {
    const { limiter, left } = make();
    await limiter.take("ann", 10);
    await limiter.take("bob", 10);
    await limiter.reset("ann");
    expect(await left("ann")).toEqual([10, 100]);
    expect(await left("bob")).toEqual([0, 90]);
    await limiter.reset("nobody");
  });
});

describe("what is amended", () => {
  it("is checked like a cost", async () => {
    const { limiter } = make();
    const bad = { code: "DP_INVALID_OPTION" };
    await expect(limiter.refund("ann", 0.5)).rejects.toMatchObject(bad);
    await expect(limiter.penalize("ann", -1)).rejects.toMatchObject(bad);
    await expect(limiter.block("ann", -1)).rejects.toMatchObject(bad);
    await expect(limiter.reset(5 as never)).rejects.toMatchObject(bad);
  });
});
