import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { tokenBucket } from "./algorithms/token-bucket.ts";
import { createLimiter } from "./create-limiter.ts";
import { addressKey } from "./http/client-key.ts";
import { rateLimitHeaders } from "./http/headers.ts";
import type { Policies } from "./options.ts";
import { memoryStore } from "./stores/memory.ts";

/** What users of rate limiters have reported, again and again, as going wrong; here it must not. */

const limiterOf = <P extends Policies>(
  policies: P,
  shadow?: (keyof P & string)[],
) => {
  const clock = new ManualClock();
  return { clock, limiter: createLimiter({ policies, clock, shadow }) };
};

describe("a refused call", () => {
  it("consumes nothing, however often it is repeated", async () => {
    const { limiter, clock } = limiterOf({
      api: tokenBucket({ limit: 5, per: "1s" }),
    });
    limiter.takeSync("ann", 5);
    for (let call = 0; call < 1000; call++) {
      expect(limiter.takeSync("ann")).toMatchObject({ retryAfterMs: 200 });
    }
    await clock.advance(200);
    expect(limiter.takeSync("ann").allowed).toBe(true);
  });

  it("with a giant cost does not lock its key", () => {
    const { limiter } = limiterOf({
      api: tokenBucket({ limit: 5, per: "1s" }),
    });
    expect(limiter.takeSync("ann", 1_000_000).allowed).toBe(false);
    expect(limiter.takeSync("ann", 5).allowed).toBe(true);
  });

  it("by one limit leaves all other limits as they were", () => {
    const { limiter } = limiterOf({
      perMinute: tokenBucket({ limit: 100, per: "1m" }),
      perSecond: tokenBucket({ limit: 10, per: "1s" }),
    });
    for (let call = 0; call < 500; call++) limiter.takeSync("ann");
    expect(limiter.takeSync("ann").limits.perMinute.remaining).toBe(90);
  });
});

describe("a limit", () => {
  it("counts what a call costs, not calls", () => {
    const { limiter } = limiterOf({
      api: tokenBucket({ limit: 10, per: "1s" }),
    });
    expect(limiter.takeSync("ann", 7).remaining).toBe(3);
    expect(limiter.takeSync("ann", 4).allowed).toBe(false);
    expect(limiter.takeSync("ann", 3).remaining).toBe(0);
  });

  it("refills evenly, with no edge at which a second full quota starts", async () => {
    const { limiter, clock } = limiterOf({
      api: tokenBucket({ limit: 60, per: "1m" }),
    });
    await clock.advance(59_999);
    limiter.takeSync("ann", 60);
    await clock.advance(2);
    expect(limiter.takeSync("ann").allowed).toBe(false);
    expect((await limiter.peek("ann")).limits.api.retryAfterMs).toBe(998);
  });

  it("admits between two whole tokens of time, not in whole seconds", async () => {
    const { limiter, clock } = limiterOf({
      api: tokenBucket({ limit: 100, per: "1s" }),
    });
    limiter.takeSync("ann", 100);
    for (let take = 0; take < 50; take++) {
      await clock.advance(10);
      expect(limiter.takeSync("ann").allowed).toBe(true);
    }
  });

  it("over more than 24.8 days is as good as any, and keeps no timer", async () => {
    const { limiter, clock } = limiterOf({
      api: tokenBucket({ limit: 1, per: "60d" }),
    });
    limiter.takeSync("ann");
    expect(clock.pending).toBe(0);
    await clock.advance(59 * 86_400_000);
    expect(limiter.takeSync("ann")).toMatchObject({ retryAfterMs: 86_400_000 });
    await clock.advance(86_400_000);
    expect(limiter.takeSync("ann").allowed).toBe(true);
  });

  it("of less than a second neither rounds up nor bans for ever", async () => {
    for (const per of [500, 1500]) {
      const { limiter, clock } = limiterOf({
        api: tokenBucket({ limit: 1, per }),
      });
      limiter.takeSync("ann");
      expect(limiter.takeSync("ann")).toMatchObject({ retryAfterMs: per });
      await clock.advance(per);
      expect(limiter.takeSync("ann").allowed).toBe(true);
    }
  });

  it("gives back whole tokens, never 0.9999 of one", async () => {
    for (const limit of [3, 7, 9, 11, 700_000]) {
      const { limiter, clock } = limiterOf({
        api: tokenBucket({ limit, per: "1s" }),
      });
      limiter.takeSync("ann", limit);
      await clock.advance(1000);
      expect((await limiter.peek("ann")).remaining).toBe(limit);
    }
  });
});

describe("a race", () => {
  it("of a thousand concurrent calls lets exactly the limit through", async () => {
    const { limiter } = limiterOf({
      api: tokenBucket({ limit: 5, per: "1s" }),
    });
    const all = Array.from({ length: 1000 }, () => limiter.allow("ann"));
    expect((await Promise.all(all)).filter(Boolean)).toHaveLength(5);
  });
});

describe("a flood of new keys", () => {
  it("neither grows memory without bound nor resets a throttled key", () => {
    const store = memoryStore({ maxKeys: 500 });
    const clock = new ManualClock();
    const limiter = createLimiter({
      policies: { api: tokenBucket({ limit: 5, per: "1m" }) },
      store,
      clock,
    });
    limiter.takeSync("victim", 5);
    for (let key = 0; key < 20_000; key++) limiter.takeSync(`flood ${key}`);
    expect(store.size).toBe(500);
    expect(limiter.takeSync("victim").allowed).toBe(false);
  });
});

describe("a clock", () => {
  it("that goes back mints nothing, and refuses no longer than it is wrong", async () => {
    let nowMs = 60_000;
    const clock = new ManualClock();
    clock.now = () => nowMs;
    const limiter = createLimiter({
      policies: { api: tokenBucket({ limit: 10, per: "10s" }) },
      clock,
    });
    limiter.takeSync("ann", 10);
    nowMs -= 5000;
    expect(limiter.takeSync("ann")).toMatchObject({ retryAfterMs: 6000 });
    nowMs += 5000;
    expect(limiter.takeSync("ann")).toMatchObject({ retryAfterMs: 1000 });
    expect((await limiter.peek("ann")).remaining).toBe(0);
  });
});

describe("a client", () => {
  it("is one key in both notations of its IPv4 address, and is not all of IPv4", () => {
    const keyOf = addressKey({ ipv6Prefix: 56 });
    expect(keyOf("::ffff:1.2.3.4", undefined)).toBe("1.2.3.4");
    expect(keyOf("1.2.3.4", undefined)).toBe("1.2.3.4");
    expect(keyOf("::ffff:9.8.7.6", undefined)).toBe("9.8.7.6");
  });

  it("with a whole IPv6 network is one key", () => {
    const keyOf = addressKey();
    expect(keyOf("2001:db8::1", undefined)).toBe(
      keyOf("2001:db8::2", undefined),
    );
  });

  it("cannot choose its key by a header of its own", () => {
    const keyOf = addressKey({ trust: ["10.0.0.1"] });
    expect(keyOf("10.0.0.1", "7.7.7.7, 1.1.1.1")).toBe("1.1.1.1");
  });
});

describe("a dry run", () => {
  it("shows in the metrics what would be refused, and neither refuses nor tells the client", () => {
    const { limiter } = limiterOf(
      { api: tokenBucket({ limit: 1, per: "1s" }) },
      ["api"],
    );
    limiter.takeSync("ann");
    const decision = limiter.takeSync("ann");
    expect(decision.allowed).toBe(true);
    expect(rateLimitHeaders(decision)).toEqual({});
    const samples = [...limiter.metrics()].flatMap(({ samples: all }) => [
      ...all,
    ]);
    expect(samples).toContainEqual({
      labels: { limiter: "default", policy: "api", mode: "shadow" },
      value: 1,
    });
  });
});

describe("Retry-After", () => {
  it("is a whole number of seconds and never too early", async () => {
    const { limiter, clock } = limiterOf({
      api: tokenBucket({ limit: 1, per: 1500 }),
    });
    limiter.takeSync("ann");
    await clock.advance(1);
    const after = rateLimitHeaders(limiter.takeSync("ann"))["Retry-After"];
    expect(after).toBe("2");
    await clock.advance(Number(after) * 1000);
    expect(limiter.takeSync("ann").allowed).toBe(true);
  });
});
