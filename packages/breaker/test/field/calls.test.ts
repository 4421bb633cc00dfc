import { getEventListeners } from "node:events";
import { drainMicrotasks, ManualClock } from "@dp/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refusalOf } from "../refusal-of.ts";
import { samplesOf } from "../samples.ts";
import {
  breaker,
  bulkhead,
  chaos,
  coalesce,
  consecutive,
  constant,
  defaultClassify,
  exponential,
  fallback,
  hedge,
  pipeline,
  retry,
  retryBudget,
  throttle,
  timeout,
  type CallContext,
  type Policy,
} from "../../src/index.ts";

const fails = (): never => {
  throw new Error("down");
};

/** Ends when its signal aborts, as `fetch` does. */
const hangs = ({ signal }: CallContext): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      reject(signal.reason as Error);
    });
  });

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", note);
});
afterEach(() => {
  process.off("unhandledRejection", note);
});

describe("a call that takes too long", () => {
  it("is aborted alone, not its siblings", async () => {
    const clock = new ManualClock();
    const guarded = pipeline({ clock }, breaker(), timeout(100));
    const signals: AbortSignal[] = [];
    const call = (context: CallContext): Promise<never> => {
      signals.push(context.signal);
      return hangs(context);
    };
    const first = guarded.try(call);
    await clock.advance(60);
    const second = guarded.try(call);
    await clock.advance(40);
    await first;
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    const third = guarded.run(() => "served");
    expect(await third).toBe("served");
    await clock.advance(60);
    await second;
  });

  it("is told apart from one that its caller gives up, whichever comes first", async () => {
    const clock = new ManualClock();
    const guarded = pipeline({ clock }, timeout(100));
    const caller = new AbortController();
    const gone = new Error("the user has left");
    const ends = [
      refusalOf(guarded.run(hangs, { signal: caller.signal })),
      refusalOf(guarded.run(hangs)),
    ];
    await clock.advance(99);
    caller.abort(gone);
    await clock.advance(1);
    expect(await Promise.all(ends)).toEqual([
      gone,
      "timeout: timeout: no result after 100 ms",
    ]);
    const late = new AbortController();
    const timedOut = refusalOf(guarded.run(hangs, { signal: late.signal }));
    await clock.advance(100);
    late.abort(gone);
    expect(await timedOut).toContain("timeout");
  });
});

describe("a call that has succeeded", () => {
  it("keeps a signal that nothing aborts, so that a body can still be read", async () => {
    const clock = new ManualClock();
    const guarded = pipeline(
      { clock },
      timeout("1s"),
      retry(),
      hedge({ after: 50 }),
      coalesce(() => "key"),
      breaker(),
      timeout(100),
    );
    const caller = new AbortController();
    const signal = await guarded.run((context) => context.signal, {
      signal: caller.signal,
      deadline: "2s",
    });
    await clock.advance(86_400_000);
    caller.abort();
    expect(signal.aborted).toBe(false);
  });
});

describe("a call that its caller gives up", () => {
  it("says nothing about the service, to no policy", async () => {
    const clock = new ManualClock();
    const circuit = breaker({ trip: consecutive(1) });
    const throttled = throttle({ minimum: 1 });
    const guarded = pipeline({ clock }, throttled, circuit, timeout("1s"));
    for (let call = 0; call < 50; call++) {
      const caller = new AbortController();
      const end = guarded.try(hangs, { signal: caller.signal });
      caller.abort();
      await end;
    }
    expect(circuit.state).toBe("closed");
    expect(circuit.inspect().counts.total).toBe(0);
    expect(throttled.probability).toBe(0);
    expect(samplesOf(circuit)["calls_total breaker ignore"]).toBe(50);
  });

  it("wakes from its pause at once and is not made again", async () => {
    const clock = new ManualClock();
    const guarded = pipeline({ clock }, retry({ backoff: constant("1h") }));
    const caller = new AbortController();
    let calls = 0;
    const end = refusalOf(
      guarded.run(
        () => {
          calls++;
          return fails();
        },
        { signal: caller.signal },
      ),
    );
    await clock.advance(1_000);
    const gone = new Error("gone");
    caller.abort(gone);
    expect(await end).toBe(gone);
    expect(clock.pending).toBe(0);
    await clock.advance(86_400_000);
    expect(calls).toBe(1);
  });
});

describe("hundreds of calls on one signal that lives on", () => {
  const outermost: Policy<unknown>[][] = [
    [timeout(20)],
    [retry({ backoff: constant(10), budget: false }), timeout(20)],
    [hedge({ after: 5, budget: false }), timeout(20)],
    [coalesce(({ key }) => key), timeout(20)],
    [bulkhead({ max: 10, queue: 100, maxWait: 50 }), timeout(20)],
    [bulkhead({ max: 10, queue: 100 }), timeout(20)],
    [chaos({ rate: 0.5, latency: 10 }), timeout(20)],
  ];
  const kinds = [() => "value", fails, hangs];

  const start = (policies: readonly Policy<unknown>[]) => {
    const clock = new ManualClock();
    const caller = new AbortController();
    const { signal } = caller;
    const guarded = pipeline({ clock }, ...policies);
    const calls = Array.from({ length: 150 }, (_, index) =>
      guarded.try(kinds[index % 3] ?? fails, { signal, key: `${index % 9}` }),
    );
    const expectNoTrace = (): void => {
      expect(clock.pending).toBe(0);
      expect(getEventListeners(signal, "abort")).toEqual([]);
      for (const { type, samples } of guarded.metrics())
        if (type === "gauge")
          for (const { value } of samples) expect(value).toBe(0);
    };
    return { clock, caller, calls, expectNoTrace };
  };

  it.each([...outermost, outermost.flat()])(
    "leave no timer and no listener behind, however they end (%#)",
    async (...policies) => {
      const { clock, calls, expectNoTrace } = start(policies);
      await clock.advance(600_000);
      await Promise.all(calls);
      expectNoTrace();
    },
  );

  it.each([...outermost, outermost.flat()])(
    "leave none behind when it aborts, nor anything that a later time finds (%#)",
    async (...policies) => {
      const { clock, caller, calls, expectNoTrace } = start(policies);
      await clock.advance(3);
      caller.abort();
      await Promise.all(calls);
      expectNoTrace();
      await clock.advance(600_000);
      expectNoTrace();
    },
  );
});

describe("a thousand calls that fail together", () => {
  const run = async (options: Parameters<typeof retry>[0]) => {
    const clock = new ManualClock();
    const policy = retry({ backoff: constant("1s"), ...options });
    const guarded = pipeline({ clock }, policy);
    let sent = 0;
    const calls = Array.from({ length: 1_000 }, () =>
      guarded.try(async () => {
        sent++;
        await clock.sleep(10);
        fails();
      }),
    );
    await clock.advance(60_000);
    await Promise.all(calls);
    return { sent, samples: samplesOf(policy) };
  };

  it("do not sleep past the budget to come back at once", async () => {
    const { sent, samples } = await run({ attempts: 2 });
    expect(sent).toBe(1_200);
    expect(samples["retries_total retry"]).toBe(200);
  });

  it("tell a budget that is used up from attempts that are", async () => {
    const { samples } = await run({
      attempts: 2,
      budget: retryBudget({ ratio: 0, minimum: 100 }),
    });
    expect(samples).toMatchObject({
      "retries_given_up_total retry budget": 900,
      "retries_given_up_total retry attempts": 100,
    });
  });
});

describe("a repeated call", () => {
  /** When each attempt began. */
  const timesOf = async (
    policy: ReturnType<typeof retry>,
    error: Error,
  ): Promise<number[]> => {
    const clock = new ManualClock();
    const times: number[] = [];
    const end = pipeline({ clock, random: () => 0 }, policy).try(() => {
      times.push(clock.now());
      throw error;
    });
    await clock.advance(600_000);
    await end;
    return times;
  };

  it("waits as long as the service asks for", async () => {
    const busy = Object.assign(new Error("busy"), { retryAfterMs: 30_000 });
    expect(await timesOf(retry(), busy)).toEqual([0, 30_000, 60_000]);
  });

  it("waits for a time within its bounds at the two thousandth attempt too", async () => {
    const down = new Error("down");
    for (const jitter of ["none", "full", "equal", "polly"] as const)
      for (const initial of [0, 1]) {
        const backoff = exponential({ initial, max: 10, factor: 1e9, jitter });
        const delayMs = backoff.delayMs(2_000, 10, () => 0.9);
        expect(delayMs).toBeGreaterThanOrEqual(9 * initial);
        expect(delayMs).toBeLessThanOrEqual(10 * initial);
      }
    const backoff = exponential({ initial: 1, max: 10, jitter: "equal" });
    const policy = retry({ attempts: 2_000, backoff, budget: false });
    const times = await timesOf(policy, down);
    expect([times.length, times.at(-1)]).toEqual([
      2_000,
      0.5 + 1 + 2 + 4 + 5 * 1_995,
    ]);
  });

  it("ends at a circuit that refuses, and says when to come back instead of trying on", async () => {
    const clock = new ManualClock();
    const circuit = breaker({ trip: consecutive(2) });
    const guarded = pipeline(
      { clock },
      retry({ attempts: 10, backoff: constant(100) }),
      circuit,
    );
    let calls = 0;
    const end = refusalOf(
      guarded.run(() => {
        calls++;
        return fails();
      }),
    );
    await clock.advance(200);
    expect(await end).toBe("open: breaker is open, try again in 4900 ms");
    expect(calls).toBe(2);
  });

  it("comes back when the break is over if a classify says so", async () => {
    const clock = new ManualClock();
    const circuit = breaker({ trip: consecutive(1), openFor: "2s" });
    const guarded = pipeline(
      {
        clock,
        classify: (outcome) =>
          !outcome.ok && outcome.error instanceof Error
            ? {
                failure: true,
                retryAfterMs: circuit.inspect().retryAfterMs,
              }
            : defaultClassify(outcome),
      },
      retry({ attempts: 2, backoff: constant(1) }),
      circuit,
    );
    let calls = 0;
    const end = guarded.run(() => (++calls === 1 ? fails() : "up"));
    await clock.advance(2_000);
    expect(await end).toBe("up");
  });
});

describe("a fallback", () => {
  it("is asked once for a call, and no rejection is left unhandled", async () => {
    const clock = new ManualClock();
    let asked = 0;
    const guarded = pipeline(
      { clock },
      fallback(() => ++asked),
      timeout(100),
      breaker(),
      timeout(50),
    );
    const late = guarded.run(async () => {
      await clock.sleep(500);
      fails();
    });
    await clock.advance(50);
    expect(await late).toBe(1);
    expect(await guarded.run(fails)).toBe(2);
    await clock.advance(1_000);
    await drainMicrotasks();
    expect([asked, unhandled]).toEqual([2, []]);
  });
});

describe("two breakers made from one options object", () => {
  it("share nothing", async () => {
    const options = { trip: consecutive(2) };
    const [one, other] = [breaker(options), breaker(options)];
    await one.run(fails).catch(() => undefined);
    await other.run(fails).catch(() => undefined);
    expect([one.state, other.state]).toEqual(["closed", "closed"]);
    expect(await one.run(() => "own")).toBe("own");
    await other.run(fails).catch(() => undefined);
    expect([one.state, other.state]).toEqual(["closed", "open"]);
  });
});

describe("a function that returns nothing", () => {
  it("has succeeded, also when it is not asynchronous", async () => {
    const circuit = breaker({ trip: consecutive(1) });
    const guarded = pipeline(retry(), circuit, timeout("1s"));
    const nothing = (): unknown => undefined;
    expect(await guarded.run(nothing)).toBeUndefined();
    expect(await circuit.run(nothing)).toBeUndefined();
    expect(circuit.inspect().counts).toMatchObject({ failures: 0 });
    expect(samplesOf(circuit)["calls_total breaker success"]).toBe(2);
  });
});
