import { drainMicrotasks, ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  createLimiter,
  fixedWindow,
  memoryStore,
  tokenBucket,
  type LimitPolicy,
  type LimitStore,
  type WaitOptions,
} from "./index.ts";

const make = (
  rate: LimitPolicy = tokenBucket({ limit: 10, per: "1s", burst: 5 }),
  store: LimitStore = memoryStore(),
) => {
  const clock = new ManualClock();
  const limiter = createLimiter({
    policies: { rate },
    clock,
    onStoreError: "throw",
    store,
  });
  const done: string[] = [];
  const wait = (
    name: string,
    options?: WaitOptions,
    key = "ann",
  ): Promise<unknown> =>
    limiter.wait(key, options).then(
      (decision) =>
        done.push(
          `${name} ${decision.allowed ? "allowed" : decision.reason} at ${clock.now()}`,
        ),
      (error: unknown) => done.push(`${name} ${String(error)}`),
    );
  return { clock, limiter, done, wait };
};

describe("a call that waits", () => {
  it("is allowed at once while there is room", async () => {
    const { wait, done } = make();
    await wait("a", { cost: 5 });
    expect(done).toEqual(["a allowed at 0"]);
  });

  it("is allowed at the moment the limit lets it", async () => {
    const { wait, done, clock } = make();
    await wait("a", { cost: 5 });
    const waiting = wait("b", { cost: 3 });
    await clock.advance(299);
    expect(done).toEqual(["a allowed at 0"]);
    await clock.advance(1);
    await waiting;
    expect(done[1]).toBe("b allowed at 300");
    expect(clock.pending).toBe(0);
  });

  it("has its turn in the order of coming, and a large cost is not overtaken", async () => {
    const { wait, done, clock } = make();
    const all = [wait("a", { cost: 5 }), wait("big", { cost: 5 })];
    for (const name of ["c", "d", "e"]) all.push(wait(name));
    await clock.advance(2_000);
    await Promise.all(all);
    expect(done).toEqual([
      "a allowed at 0",
      "big allowed at 500",
      "c allowed at 600",
      "d allowed at 700",
      "e allowed at 800",
    ]);
  });

  it("does not wait behind those of other keys", async () => {
    const { wait, done, clock } = make();
    const all = [wait("a", { cost: 5 }), wait("b", { cost: 5 })];
    all.push(wait("other", { cost: 5 }, "bob"));
    await drainMicrotasks();
    expect(done).toContain("other allowed at 0");
    await clock.advance(500);
    await Promise.all(all);
  });

  it("is refused at once when its time cannot suffice, wherever it stands in the line", async () => {
    const { wait, done, clock } = make();
    await wait("a", { cost: 5 });
    await wait("hasty", { cost: 3, maxWait: 299 });
    const all = [wait("b", { cost: 3, maxWait: 300 })];
    await drainMicrotasks();
    // 300 ms for the one before, 400 for its own.
    await wait("behind", { cost: 4, maxWait: 699 });
    all.push(wait("c", { cost: 4, maxWait: 700 }));
    expect(done).toEqual([
      "a allowed at 0",
      "hasty queue at 0",
      "behind queue at 0",
    ]);
    await clock.advance(700);
    await Promise.all(all);
    expect(done.slice(3)).toEqual(["b allowed at 300", "c allowed at 700"]);
  });

  it("is refused when its time is over and others have taken what it waited for", async () => {
    const { wait, done, clock, limiter } = make();
    await wait("a", { cost: 5 });
    const all = [
      wait("first", { cost: 5, maxWait: 900 }),
      wait("second", { cost: 1, maxWait: 800 }),
    ];
    await clock.advance(499);
    void limiter.take("ann", 4);
    await clock.advance(501);
    await Promise.all(all);
    expect(done.slice(1).toSorted()).toEqual([
      "first allowed at 900",
      "second queue at 800",
    ]);
  });

  it("is told when the call would be allowed", async () => {
    const { limiter, clock } = make();
    await limiter.wait("ann", { cost: 5 });
    expect(await limiter.wait("ann", { cost: 5, maxWait: 100 })).toMatchObject({
      allowed: false,
      reason: "queue",
      retryAfterMs: 500,
    });
    const waiting = limiter.wait("ann", { cost: 5 });
    await drainMicrotasks();
    expect(await limiter.wait("ann", { cost: 2, maxWait: 100 })).toMatchObject({
      reason: "queue",
      retryAfterMs: 700,
    });
    await clock.advance(500);
    await waiting;
  });

  it("does not wait for what is never allowed", async () => {
    const { limiter } = make();
    expect(await limiter.wait("ann", { cost: 6 })).toMatchObject({
      allowed: false,
      reason: "limit",
      retryAfterMs: null,
    });
  });

  it("leaves when it is aborted, and the next moves up", async () => {
    const { wait, done, clock } = make();
    await wait("a", { cost: 5 });
    const caller = new AbortController();
    const all = [
      wait("big", { cost: 5, signal: caller.signal }),
      wait("small", { cost: 1 }),
    ];
    await clock.advance(200);
    caller.abort("gone");
    await drainMicrotasks();
    expect(done.slice(1)).toEqual(["big gone", "small allowed at 200"]);
    await Promise.all(all);
    const aborted = wait("late", { signal: AbortSignal.abort("before") });
    await aborted;
    expect(done.at(-1)).toBe("late before");
    expect(clock.pending).toBe(0);
  });

  it("counts in the metrics, and all that wait share one timer", async () => {
    const { wait, clock, limiter } = make();
    await wait("a", { cost: 5 });
    const all = Array.from({ length: 50 }, (_, index) =>
      wait(`w${index}`, { maxWait: "1h" }, `key ${index % 7}`),
    );
    await drainMicrotasks();
    const waiting = Array.from(limiter.metrics()).find(
      ({ name }) => name === "dp_ratelimit_waiting",
    );
    const [sample] = waiting?.samples ?? [];
    expect(sample?.value).toBeGreaterThan(10);
    expect(clock.pending).toBe(1);
    await clock.advance(10_000);
    await Promise.all(all);
    expect(clock.pending).toBe(0);
  });

  it("goes with jumps of a window", async () => {
    const { wait, done, clock } = make(fixedWindow({ limit: 2, per: "1s" }));
    const all = ["a", "b", "c", "d", "e"].map((name) =>
      wait(name, { maxWait: "2s" }),
    );
    await clock.advance(2_000);
    await Promise.all(all);
    expect(done).toEqual([
      "a allowed at 0",
      "b allowed at 0",
      "c allowed at 1000",
      "d allowed at 1000",
      "e allowed at 2000",
    ]);
  });

  it("hears of a store that fails, and those behind go on", async () => {
    let fails = true;
    const real = make();
    const store: LimitStore = {
      bind: () => ({
        decide: (subjects, cost, commit) =>
          fails
            ? Promise.reject(new Error("down"))
            : real.limiter
                .take(subjects[0] as string, cost)
                .then(({ limits }) => ({
                  refusal: undefined,
                  states: [limits.rate],
                  refused: [!commit],
                })),
        adjust: () => Promise.resolve(),
        block: () => Promise.resolve(),
        reset: () => Promise.resolve(),
      }),
    };
    const { wait, done } = make(undefined, store);
    const first = wait("a");
    const second = wait("b").then(() => undefined);
    await first;
    fails = false;
    await second;
    expect(done[0]).toContain("the store failed to decide: down");
    expect(done).toHaveLength(2);
  });

  it("checks what it is given", async () => {
    const { limiter } = make();
    const bad = { code: "DP_INVALID_OPTION" };
    await expect(limiter.wait("ann", { cost: 0 })).rejects.toMatchObject(bad);
    await expect(limiter.wait("ann", { maxWait: -1 })).rejects.toMatchObject(
      bad,
    );
  });

  it("has its turn when the one before leaves while the store is being asked", async () => {
    const memory = memoryStore();
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const slow: LimitStore = {
      bind: (policies, clock) => {
        const session = memory.bind(policies, clock);
        return {
          decide: async (...asked) => {
            await opened;
            return session.decide(...asked);
          },
          adjust: (...asked) => session.adjust(...asked),
          block: (...asked) => session.block(...asked),
          reset: (...asked) => session.reset(...asked),
        };
      },
    };
    const { wait, done } = make(undefined, slow);
    const leaving = new AbortController();
    void wait("first", { signal: leaving.signal });
    void wait("second");
    await drainMicrotasks();
    leaving.abort(new Error("left"));
    open();
    await drainMicrotasks();
    expect(done).toEqual(["first Error: left", "second allowed at 0"]);
  });
});
