import { renderPrometheus } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  createLimiter,
  LimitStoreError,
  memoryStore,
  tokenBucket,
  type LimitStore,
  type OnStoreError,
  type StoreSession,
} from "./index.ts";

/** A store that does what a memory store does, while it works. */
const make = (onStoreError?: OnStoreError) => {
  const clock = new ManualClock();
  const state = { works: true };
  const memory = memoryStore();
  const store: LimitStore = {
    bind: (policies, given) => {
      const session = memory.bind(policies, given);
      const guarded = async <T>(act: () => T | Promise<T>): Promise<T> => {
        if (state.works) return await act();
        throw new Error("connection lost");
      };
      const failing: StoreSession = {
        decide: (...args) => guarded(() => session.decide(...args)),
        adjust: (...args) => guarded(() => session.adjust(...args)),
        block: (...args) => guarded(() => session.block(...args)),
        reset: (...args) => guarded(() => session.reset(...args)),
      };
      return failing;
    },
  };
  const limiter = createLimiter({
    policies: {
      rate: tokenBucket({ limit: 10, per: "1s", burst: 2 }),
      quota: tokenBucket({ limit: 100, per: "1m" }),
    },
    store,
    clock,
    onStoreError,
  });
  return { clock, state, limiter };
};

describe("a limiter whose store fails", () => {
  it("counts in this process by the same policies, by default", async () => {
    const { state, limiter } = make();
    state.works = false;
    expect(await limiter.take("ann", 2)).toMatchObject({
      allowed: true,
      source: "local",
      remaining: 0,
    });
    expect(await limiter.take("ann")).toMatchObject({
      allowed: false,
      reason: "limit",
      violated: ["rate"],
      retryAfterMs: 100,
    });
    expect(renderPrometheus([limiter])).toMatch(
      /elsewhere_total\{.*source="local"\} 2\n.*source="open"\} 0\n/,
    );
  });

  it("lets everything through when told to be open", async () => {
    const { state, limiter } = make("open");
    state.works = false;
    for (let take = 0; take < 20; take++)
      expect(await limiter.take("ann", 2)).toMatchObject({
        allowed: true,
        source: "open",
        remaining: 2,
      });
  });

  it("refuses everything when told to be closed", async () => {
    const { state, limiter } = make("closed");
    state.works = false;
    expect(await limiter.take("ann")).toMatchObject({
      allowed: false,
      reason: "store",
      violated: [],
      retryAfterMs: 1_000,
    });
  });

  it("throws what the store threw when told so", async () => {
    const { state, limiter } = make("throw");
    state.works = false;
    const error: unknown = await limiter.take("ann").catch((e: unknown) => e);
    expect(LimitStoreError.is(error)).toBe(true);
    expect(error).toMatchObject({
      code: "DP_RATELIMIT_STORE",
      retryable: true,
      message:
        "DP_RATELIMIT_STORE: the store failed to decide: connection lost",
      cause: new Error("connection lost"),
    });
  });

  it("goes back to the store by itself", async () => {
    for (const onStoreError of ["local", "open", "closed", "throw"] as const) {
      const { state, limiter } = make(onStoreError);
      state.works = false;
      await limiter.take("ann").catch(() => undefined);
      state.works = true;
      expect(await limiter.take("ann")).toMatchObject({
        allowed: true,
        source: "store",
        remaining: 1,
      });
    }
  });

  it("settles a reservation with whoever decided it", async () => {
    const { state, limiter } = make();
    state.works = false;
    const local = await limiter.reserve("ann", 2);
    state.works = true;
    const shared = await limiter.reserve("ann", 1);
    await local.cancel();
    expect((await limiter.peek("ann", 0)).remaining).toBe(1);
    state.works = false;
    expect((await limiter.peek("ann", 0)).remaining).toBe(2);
    // The store cannot be told, and the call goes on.
    await shared.settle(5);
  });

  it("never says that a block or a reset is done when it is not", async () => {
    const { state, limiter } = make("open");
    state.works = false;
    await expect(limiter.block("ann", "1m")).rejects.toThrow(
      "the store failed to block",
    );
    await expect(limiter.reset("ann")).rejects.toThrow(
      "the store failed to reset",
    );
  });

  it("counts how often", async () => {
    const { state, limiter } = make();
    state.works = false;
    await limiter.take("ann");
    await limiter.take("ann");
    await limiter.refund("ann", 1);
    await limiter.reset("ann").catch(() => undefined);
    const family = Array.from(limiter.metrics()).find(
      ({ name }) => name === "dp_ratelimit_store_errors_total",
    );
    expect(
      Array.from(family?.samples ?? [], ({ labels, value }) => [
        labels["operation"],
        value,
      ]),
    ).toEqual([
      ["decide", 2],
      ["adjust", 1],
      ["block", 0],
      ["reset", 1],
    ]);
  });

  it("rejects when a store's answer is none", async () => {
    const store: LimitStore = {
      bind: () => ({
        decide: () => Promise.resolve(undefined as never),
        adjust: () => Promise.resolve(),
        block: () => Promise.resolve(),
        reset: () => Promise.resolve(),
      }),
    };
    const rate = tokenBucket({ limit: 10, per: "1s" });
    const limiter = createLimiter({ policies: { rate }, store });
    await expect(limiter.take("ann")).rejects.toThrow("refusal");
  });
});
