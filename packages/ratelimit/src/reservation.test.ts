import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { createLimiter, tokenBucket, type Reservation } from "./index.ts";

const make = () => {
  const clock = new ManualClock();
  const limiter = createLimiter({
    policies: { tokens: tokenBucket({ limit: 1_000, per: "1h" }) },
    clock,
  });
  const left = async () => (await limiter.peek("ann", 0)).remaining;
  return { clock, limiter, left };
};

describe("a reservation", () => {
  it("is a decision that has charged the guess", async () => {
    const { limiter, left } = make();
    const reserved = await limiter.reserve("ann", 400);
    expect(reserved).toMatchObject({ allowed: true, remaining: 600 });
    expect(await left()).toBe(600);
    await reserved.cancel();
  });

  it("gives back what the call did not cost", async () => {
    const { limiter, left, clock } = make();
    const reserved = await limiter.reserve("ann", 400);
    await reserved.settle(100);
    expect(await left()).toBe(900);
    expect(clock.pending).toBe(0);
  });

  it("takes what the call cost more, without asking", async () => {
    const { limiter, left } = make();
    const reserved = await limiter.reserve("ann", 900);
    await reserved.settle(1_200);
    expect(await left()).toBe(0);
    expect((await limiter.take("ann")).allowed).toBe(false);
  });

  it("settles once, whatever comes first", async () => {
    const { limiter, left, clock } = make();
    const ways: ((reserved: Reservation<"tokens">) => Promise<unknown>)[] = [
      (reserved) => reserved.settle(100),
      (reserved) => reserved.cancel(),
      () => clock.advance(60_000),
    ];
    for (const first of ways)
      for (const second of ways) {
        await limiter.reset("ann");
        const reserved = await limiter.reserve("ann", 400);
        await first(reserved);
        const after = await left();
        await second(reserved);
        expect((await left()) - after).toBeLessThanOrEqual(17);
      }
  });

  it("gives everything back when its time is over", async () => {
    const { limiter, left, clock } = make();
    await limiter.reserve("ann", 400, { ttl: "5s" });
    await clock.advance(4_999);
    expect(await left()).toBe(601);
    await clock.advance(1);
    expect(await left()).toBe(1_000);
  });

  it("has nothing to settle when it is refused", async () => {
    const { limiter, left, clock } = make();
    const reserved = await limiter.reserve("ann", 1_001);
    expect(reserved.allowed).toBe(false);
    await reserved.settle(5);
    await reserved.cancel();
    expect([await left(), clock.pending]).toEqual([1_000, 0]);
  });

  it("gives nothing back to a policy in shadow that could not take it", async () => {
    const clock = new ManualClock();
    const limiter = createLimiter({
      policies: {
        tokens: tokenBucket({ limit: 1_000, per: "1h" }),
        small: tokenBucket({ limit: 10, per: "1h" }),
      },
      shadow: ["small"],
      clock,
    });
    await limiter.take("ann", 10);
    const reserved = await limiter.reserve("ann", 5);
    await reserved.cancel();
    const { limits } = await limiter.peek("ann", 0);
    expect([limits.tokens.remaining, limits.small.remaining]).toEqual([990, 0]);
  });

  it("checks what it is given", async () => {
    const { limiter } = make();
    const bad = { code: "DP_INVALID_OPTION" };
    await expect(limiter.reserve("ann", -1)).rejects.toMatchObject(bad);
    await expect(limiter.reserve("ann", 1, { ttl: 0 })).rejects.toMatchObject(
      bad,
    );
    const reserved = await limiter.reserve("ann", 10);
    await expect(reserved.settle(0.5)).rejects.toMatchObject(bad);
    await reserved.settle(3);
  });
});
