import { renderPrometheus } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { createLimiter } from "../create-limiter.ts";
import { fixedWindow } from "../algorithms/fixed-window.ts";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import type { LimitPolicy } from "../algorithms/algorithm.ts";
import { memoryStore } from "../stores/memory.ts";
import type { BoundPolicy, LimitStore, StoreSession } from "../stores/store.ts";
import { LeasingSession } from "./lease-session.ts";

const bucket = tokenBucket({ limit: 100, per: "1s" });

/** A store in memory with leases of at most ten units, and what it is asked. */
const make = <P extends Record<string, LimitPolicy>>(
  policies: P,
  shadow: (keyof P & string)[] = [],
) => {
  const clock = new ManualClock();
  const memory = memoryStore();
  const asked: (string | number)[][] = [];
  const faults: { next: "lost" | "held" | undefined; release: () => void } = {
    next: undefined,
    release: () => undefined,
  };
  let session: LeasingSession | undefined;
  const watched = (bound: readonly BoundPolicy[]): StoreSession => {
    const inner = memory.bind(bound, clock);
    return {
      decide: async (subjects, cost, commit) => {
        asked.push([commit ? "take" : "peek", cost]);
        const answer = inner.decideSync(subjects, cost, commit);
        const fault = faults.next;
        faults.next = undefined;
        if (fault === "lost") throw new Error("the answer was lost");
        if (fault === "held")
          await new Promise<void>((resolve) => {
            faults.release = resolve;
          });
        return answer;
      },
      adjust: (subjects, amount, skipped) => {
        asked.push(["adjust", amount]);
        return inner.adjust(subjects, amount, skipped);
      },
      block: (subjects, forMs) => inner.block(subjects, forMs),
      reset: (subjects) => inner.reset(subjects),
    };
  };
  const store: LimitStore = {
    bind: (bound) =>
      (session = new LeasingSession(watched(bound), bound, clock, 10)),
  };
  const common = { policies, shadow, clock, onStoreError: "throw" } as const;
  const limiter = createLimiter({ ...common, store });
  const exact = createLimiter({ ...common, store: memory });
  return {
    clock,
    limiter,
    /** Another process, without leases. */
    exact,
    faults,
    close: () => session?.close(),
    news: () => asked.splice(0),
  };
};

const sources = async (
  limiter: { take(key: string): Promise<object> },
  count: number,
): Promise<unknown[]> => {
  const found: unknown[] = [];
  for (let take = 0; take < count; take++) {
    const decision = await limiter.take("ann");
    found.push("source" in decision ? decision.source : "refused");
  }
  return found;
};
const times = <T>(count: number, value: T): T[] =>
  Array.from({ length: count }, () => value);

describe("a session with leases", () => {
  it("asks exactly at first, then for more than the cost, and spends that without asking", async () => {
    const { limiter, news } = make({ bucket });
    expect(await sources(limiter, 13)).toEqual([
      "store",
      "store",
      ...times(10, "lease"),
      "store",
    ]);
    expect(news()).toEqual([
      ["take", 1],
      ["take", 11],
      ["take", 11],
    ]);
    expect(renderPrometheus([limiter])).toContain(
      'elsewhere_total{limiter="default",source="lease"} 10\n',
    );
  });

  it("tells the states of the store's last answer", async () => {
    const { limiter } = make({ bucket });
    await limiter.take("ann");
    expect(await limiter.take("ann")).toMatchObject({
      source: "store",
      remaining: 88,
      limits: { bucket: { retryAfterMs: 0 } },
    });
    expect(await limiter.take("ann", 7)).toMatchObject({
      source: "lease",
      remaining: 88,
      resetAfterMs: 120,
    });
  });

  it("leases a quarter of what is left at most, and nothing below 8", async () => {
    const policies = { bucket: tokenBucket({ limit: 20, per: "1h" }) };
    const { limiter, news } = make(policies);
    const found = await sources(limiter, 21);
    expect(found.filter((source) => source !== "refused")).toHaveLength(20);
    expect(found.at(-1)).toBe("refused");
    // A quarter of the 19, 14 and 10 that were left.
    expect(news()).toEqual([
      ["take", 1],
      ["take", 5],
      ["take", 4],
      ["take", 3],
      ...times(8, ["take", 1]),
    ]);
  });

  it("asks for the cost alone when there is no room for more", async () => {
    const { limiter, exact, news } = make({ bucket });
    await limiter.take("ann");
    await exact.take("ann", 95);
    expect(await sources(limiter, 5)).toEqual([
      ...times(4, "store"),
      "refused",
    ]);
    expect(news().slice(1)).toEqual([["take", 11], ...times(5, ["take", 1])]);
  });

  it("takes no lease that could not pay for the call", async () => {
    const { limiter, news } = make({ bucket });
    for (let take = 0; take < 3; take++) await limiter.take("ann", 11);
    expect(news()).toEqual(times(3, ["take", 11]));
  });

  it("gives a lease back when its units have come back", async () => {
    const { clock, limiter, exact, news } = make({ bucket });
    await sources(limiter, 5);
    news();
    await clock.advance(99);
    expect(news()).toEqual([]);
    await clock.advance(1);
    expect(news()).toEqual([["adjust", -7]]);
    expect((await exact.peek("ann")).remaining).toBe(100);
    expect(await sources(limiter, 2)).toEqual(["store", "lease"]);
  });

  it("gives a lease back that is not used for a second, and leaves no timer", async () => {
    const policies = { bucket: tokenBucket({ limit: 100, per: "1h" }) };
    const { clock, limiter, exact, news } = make(policies);
    await sources(limiter, 3);
    await clock.advance(900);
    await limiter.take("ann");
    await clock.advance(999);
    expect(news()).toEqual([
      ["take", 1],
      ["take", 11],
    ]);
    await clock.advance(1);
    expect(news()).toEqual([["adjust", -8]]);
    expect((await exact.peek("ann")).remaining).toBe(96);
    expect(clock.pending).toBe(0);
  });

  it("keeps a lease of a window no longer than the window", async () => {
    const policies = { window: fixedWindow({ limit: 100, per: "500ms" }) };
    const { clock, limiter, news } = make(policies);
    await limiter.take("ann");
    await clock.advance(300);
    await limiter.take("ann");
    news();
    await clock.advance(199);
    expect(await sources(limiter, 1)).toEqual(["lease"]);
    await clock.advance(1);
    expect(news()).toEqual([["adjust", -9]]);
  });

  it.each(["refund", "penalize", "block", "reset"] as const)(
    "ends the leases of a subject before a %s, also those it shares with others",
    async (act) => {
      const { limiter, news } = make({ perUser: bucket, perSite: bucket });
      const ann = { perUser: "ann", perSite: "site" };
      await limiter.take(ann);
      await limiter.take(ann);
      news();
      await limiter[act]({ perUser: "bob", perSite: "site" }, 1);
      expect(news()[0]).toEqual(["adjust", -10]);
      const next = await limiter.take(ann);
      if (act === "block") expect(next).toMatchObject({ reason: "blocked" });
      else expect(next).toMatchObject({ source: "store" });
    },
  );

  it("gives back at once what arrives after its end", async () => {
    const { limiter, exact, faults, news } = make({ bucket });
    await limiter.take("ann");
    faults.next = "held";
    const late = limiter.take("ann");
    await limiter.block("ann", 0);
    faults.release();
    expect(await late).toMatchObject({ source: "store" });
    expect(news()).toContainEqual(["adjust", -10]);
    expect((await exact.peek("ann")).remaining).toBe(98);
  });

  it("holds no more than its bound of any subject, whoever shares it", async () => {
    const { limiter, exact } = make({ perUser: bucket, perSite: bucket });
    for (const perUser of ["ann", "bob", "cat"])
      for (let take = 0; take < 2; take++)
        await limiter.take({ perUser, perSite: "site" });
    const { limits } = await exact.peek({ perUser: "x", perSite: "site" });
    expect(limits.perSite.remaining).toBe(100 - 6 - 10);
  });

  it("asks for one lease at a time, and lets those who come meanwhile share it", async () => {
    const { limiter, news } = make({ bucket });
    await limiter.take("ann");
    news();
    const takes = Array.from({ length: 11 }, () => limiter.allow("ann"));
    expect(await Promise.all(takes)).toEqual(times(11, true));
    expect(news()).toEqual([["take", 11]]);
  });

  it("is exact again after an answer that was lost, which strands one lease", async () => {
    const { limiter, exact, faults, news } = make({ bucket });
    await limiter.take("ann");
    faults.next = "lost";
    const takes = [limiter.take("ann"), limiter.take("ann")];
    for (const take of takes) await expect(take).rejects.toThrow("lost");
    expect((await exact.peek("ann")).remaining).toBe(100 - 2 - 10);
    news();
    await limiter.take("ann");
    expect(news()).toEqual([["take", 1]]);
  });

  it("answers peeks from the store, to which what is leased is taken", async () => {
    const { limiter } = make({ bucket });
    await sources(limiter, 4);
    expect((await limiter.peek("ann")).remaining).toBe(88);
  });

  it("charges a policy in shadow what it could take, and gives back no more", async () => {
    const watching = tokenBucket({ limit: 6, per: "1h" });
    const { limiter, exact, clock } = make({ bucket, watching }, ["watching"]);
    await exact.take("ann", 6);
    await sources(limiter, 4);
    await clock.advance(2_000);
    const { limits } = await exact.peek("ann");
    expect(limits).toMatchObject({
      bucket: { remaining: 100 },
      watching: { remaining: 0 },
    });
  });

  it("keeps at most 10,000 budgets, and gives the least recently used back", async () => {
    const { limiter, news } = make({ bucket });
    await sources(limiter, 2);
    for (let other = 0; other < 9_999; other++)
      await limiter.take(`subject ${other}`);
    news();
    await limiter.take("one more");
    expect(news()).toEqual([
      ["adjust", -10],
      ["take", 1],
    ]);
  });

  it("gives everything back when it is closed, and leases nothing more", async () => {
    const { clock, limiter, exact, close } = make({ bucket });
    await sources(limiter, 3);
    close();
    expect((await exact.peek("ann")).remaining).toBe(97);
    expect(await sources(limiter, 3)).toEqual(times(3, "store"));
    expect(clock.pending).toBe(0);
  });
});
