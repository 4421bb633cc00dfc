import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { createLimiter, tokenBucket } from "./index.ts";

const make = () => {
  const clock = new ManualClock();
  let version = 1;
  const plans = new Map([["gold", 50]]);
  const limiter = createLimiter({
    policies: {
      rate: tokenBucket({
        limit: 5,
        per: "1s",
        limitFor: (subject) => {
          const limit = plans.get(subject);
          if (subject === "slow") return { limit: 1, per: "400000d" };
          return limit === undefined
            ? undefined
            : { limit, per: "1s", version };
        },
      }),
    },
    clock,
  });
  return { clock, limiter, plans, upgrade: () => version++ };
};

describe("subjects with limits of their own", () => {
  it("are held to those, and all others to the common one", async () => {
    const { limiter } = make();
    expect((await limiter.take("gold", 50)).limits.rate).toMatchObject({
      limit: 50,
      remaining: 0,
    });
    expect((await limiter.take("gold")).allowed).toBe(false);
    expect((await limiter.take("ann", 5)).allowed).toBe(true);
    expect((await limiter.take("ann")).allowed).toBe(false);
  });

  it("start afresh when their limit changes or its version does", async () => {
    const { limiter, plans, upgrade } = make();
    await limiter.take("gold", 50);
    plans.set("gold", 60);
    expect((await limiter.take("gold", 60)).allowed).toBe(true);
    expect((await limiter.take("gold")).allowed).toBe(false);
    upgrade();
    expect((await limiter.take("gold", 60)).allowed).toBe(true);
  });

  it("may have limits whose times have another resolution", async () => {
    const { limiter, clock } = make();
    expect((await limiter.take("slow")).allowed).toBe(true);
    expect(await limiter.take("slow")).toMatchObject({
      allowed: false,
      retryAfterMs: 400_000 * 86_400_000,
    });
    await clock.advance(200);
    expect((await limiter.take("ann", 5)).allowed).toBe(true);
  });

  it("are refunded, blocked and reset like others", async () => {
    const { limiter } = make();
    await limiter.take("gold", 50);
    await limiter.refund("gold", 20);
    expect((await limiter.peek("gold", 20)).allowed).toBe(true);
    await limiter.block("gold", "1m");
    expect((await limiter.take("gold")).allowed).toBe(false);
    await limiter.reset("gold");
    expect((await limiter.take("gold", 50)).allowed).toBe(true);
  });
});
