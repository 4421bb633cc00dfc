import { seededRandom } from "@dp/core";
import { drainMicrotasks, ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { deferred, type Deferred } from "../../test/deferred.ts";
import { refusalOf } from "../../test/refusal-of.ts";
import { samplesOf } from "../../test/samples.ts";
import {
  breaker,
  coalesce,
  consecutive,
  fallback,
  hedge,
  hedgeBudget,
  pipeline,
  quantile,
  retryBudget,
  timeout,
  type CallContext,
  type HedgeOptions,
  type Policy,
  type Verdict,
} from "../index.ts";

/** Runs of one call, ended by the test. */
const make = (
  options: Partial<HedgeOptions> = {},
  classify?: () => Verdict,
  ...inside: Policy<unknown>[]
) => {
  const clock = new ManualClock();
  const policy = hedge({ after: 100, ...options });
  const guarded = pipeline({ clock, classify }, policy, ...inside);
  const runs: (Deferred<string> & { context: CallContext })[] = [];
  const call = (context: CallContext): Promise<string> => {
    const run = { ...deferred<string>(), context };
    runs.push(run);
    context.signal.addEventListener("abort", () =>
      run.reject(context.signal.reason),
    );
    return run.promise;
  };
  return { clock, policy, guarded, runs, call };
};

describe("a hedge", () => {
  it("gives a quick answer after one run, and leaves no timer behind", async () => {
    const { clock, guarded, runs, call } = make();
    const answer = guarded.run(call);
    await clock.advance(99);
    runs[0]?.resolve("first");
    expect(await answer).toBe("first");
    await clock.advance(1_000);
    expect([runs.length, clock.pending]).toEqual([1, 0]);
  });

  it("sends a call once more when its answer takes long, and aborts the slower run", async () => {
    const { clock, guarded, runs, call } = make();
    const answer = guarded.run(call);
    await clock.advance(100);
    expect(runs.map(({ context }) => context.attempt)).toEqual([1, 2]);
    runs[1]?.resolve("second");
    expect(await answer).toBe("second");
    expect(runs.map(({ context }) => context.signal.aborted)).toEqual([
      true,
      false,
    ]);
    expect(runs[0]?.context.signal.reason).toMatchObject({
      name: "AbortError",
    });
  });

  it("still takes the first run's answer if that comes first", async () => {
    const { clock, guarded, runs, call } = make();
    const answer = guarded.run(call);
    await clock.advance(150);
    runs[0]?.resolve("first");
    expect(await answer).toBe("first");
    expect(runs[1]?.context.signal.aborted).toBe(true);
  });

  it("sends one more after each wait, up to its maximum", async () => {
    const { clock, guarded, runs, call } = make({ max: 3 });
    const answer = guarded.run(call);
    const counts: number[] = [];
    for (let wait = 0; wait < 5; wait++) {
      await clock.advance(100);
      counts.push(runs.length);
    }
    expect(counts).toEqual([2, 3, 4, 4, 4]);
    runs[2]?.resolve("third");
    expect(await answer).toBe("third");
    expect(runs.map(({ context }) => context.signal.aborted)).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  it("leaves a call whose run has failed to the runs under way, and fails with the last", async () => {
    const { clock, guarded, runs, call } = make();
    const answer = guarded.run(call);
    await clock.advance(100);
    runs[0]?.reject(new Error("first"));
    await drainMicrotasks();
    runs[1]?.resolve("second");
    expect(await answer).toBe("second");

    const failing = guarded.run(call);
    await clock.advance(100);
    runs[3]?.reject(new Error("second"));
    await drainMicrotasks();
    runs[2]?.reject(new Error("first"));
    await expect(failing).rejects.toThrow("first");
  });

  it("does not repeat a failure: that is for a retry", async () => {
    const { guarded, runs, call, clock } = make();
    const answer = guarded.run(call);
    runs[0]?.reject(new Error("down"));
    await expect(answer).rejects.toThrow("down");
    await clock.advance(1_000);
    expect(runs).toHaveLength(1);
  });

  it("ends with a result that is judged ignore, whatever is under way", async () => {
    let verdict: Verdict = { failure: true };
    const { clock, guarded, runs, call } = make({ max: 2 }, () => verdict);
    const answer = guarded.run(call);
    await clock.advance(200);
    runs[0]?.resolve("503");
    await drainMicrotasks();
    verdict = "ignore";
    runs[1]?.resolve("404");
    expect(await answer).toBe("404");
    expect(runs[2]?.context.signal.aborted).toBe(true);
  });

  it("rejects with what classify throws, and gives up the other runs", async () => {
    const { clock, guarded, runs, call } = make({}, () => {
      throw new Error("bug");
    });
    const answer = guarded.run(call);
    await clock.advance(100);
    runs[0]?.resolve("first");
    await expect(answer).rejects.toThrow("bug");
    expect(runs[1]?.context.signal.aborted).toBe(true);
  });

  it("rejects with what its budget throws, and gives up the run", async () => {
    const take = () => {
      throw new Error("bug");
    };
    const budget = { ...hedgeBudget(), take };
    const { clock, guarded, runs, call } = make({ budget });
    const answer = refusalOf(guarded.run(call));
    await clock.advance(100);
    expect(await answer).toEqual(new Error("bug"));
    expect(runs[0]?.context.signal.aborted).toBe(true);
  });

  it("ends at once when its caller gives up, and aborts all runs with the caller's reason", async () => {
    const { clock, guarded, runs, call } = make();
    const caller = new AbortController();
    const answer = refusalOf(guarded.run(call, { signal: caller.signal }));
    await clock.advance(100);
    caller.abort("gone");
    expect(await answer).toBe("gone");
    expect(runs.map(({ context }) => context.signal.reason as unknown)).toEqual(
      ["gone", "gone"],
    );
    expect(clock.pending).toBe(0);
  });

  it("runs a call only once that may not happen twice", async () => {
    const { clock, guarded, runs, call } = make();
    const answer = guarded.run(call, { repeatable: false });
    await clock.advance(1_000);
    expect(runs).toHaveLength(1);
    runs[0]?.resolve("only");
    expect(await answer).toBe("only");
  });

  it("sends no extra run when the budget is used up", async () => {
    const { clock, guarded, runs, call, policy } = make({
      max: 5,
      budget: hedgeBudget({ ratio: 0, burst: 2 }),
    });
    const answer = guarded.run(call);
    await clock.advance(10_000);
    expect(runs).toHaveLength(3);
    expect(samplesOf(policy)["hedges_denied_total hedge"]).toBe(1);
    runs[0]?.resolve("first");
    await answer;
  });

  it("can share a budget with a retry, and gives its extra runs back", async () => {
    const budget = retryBudget({ ratio: 0, minimum: 1 });
    const { clock, guarded, runs, call } = make({ budget });
    for (let time = 0; time < 3; time++) {
      const answer = guarded.run(call);
      await clock.advance(100);
      expect([budget.calls, budget.retries]).toEqual([1, 1]);
      runs.at(-1)?.resolve("second");
      await answer;
      expect([budget.calls, budget.retries]).toEqual([0, 0]);
    }
  });

  it("tells how many extra runs it sent and how many of them answered", async () => {
    const { clock, guarded, runs, call, policy } = make();
    for (const winner of [1, 0]) {
      const answer = guarded.run(call);
      await clock.advance(100);
      runs.at(winner - 2)?.resolve("");
      await answer;
    }
    expect(samplesOf(policy)).toEqual({
      "hedges_total hedge": 2,
      "hedges_won_total hedge": 1,
      "hedges_denied_total hedge": 0,
    });
  });

  it("refuses options out of bounds", () => {
    expect(() => hedge({ after: -1 })).toThrow("after must be");
    expect(() => hedge({ after: 1, max: 0 })).toThrow("max must be");
    expect(() => hedge({ after: 1, budget: {} as never })).toThrow(
      "budget must be an object with a take method",
    );
    expect(() => hedge({ after: { ...quantile(0.9), share: 90 } })).toThrow(
      "share must be",
    );
    expect(() => quantile(1.5)).toThrow("share must be");
    expect(() => quantile(0.9, { window: 0 })).toThrow("window must be");
    expect(() => quantile(0.9, { minimum: 0 })).toThrow("minimum must be");
  });
});

describe("the slower runs of a hedge", () => {
  it("are ignored by a circuit inside, at any depth, and by a fallback", async () => {
    const circuit = breaker({ trip: consecutive(1) });
    let asked = 0;
    const asks = fallback(() => {
      asked++;
      return "stale";
    });
    const nested = pipeline(asks, timeout("10s"), circuit, timeout("5s"));
    const { clock, guarded, runs, call } = make({}, undefined, nested);
    const answer = guarded.run(call);
    await clock.advance(100);
    runs[1]?.resolve("second");
    expect(await answer).toBe("second");
    await drainMicrotasks();
    expect(circuit.state).toBe("closed");
    expect(samplesOf(circuit)).toMatchObject({
      "calls_total breaker success": 1,
      "calls_total breaker ignore": 1,
      "calls_total breaker failure": 0,
    });
    expect(asked).toBe(0);
  });

  it("are ignored too when a hedge around the hedge gives all of them up", async () => {
    const circuit = breaker({ trip: consecutive(1) });
    const inner = hedge({ after: 30, budget: false });
    const { clock, guarded, runs, call } = make({}, undefined, inner, circuit);
    const answer = guarded.run(call);
    await clock.advance(130);
    // Two runs of the first, two of the second.
    expect(runs).toHaveLength(4);
    runs[3]?.resolve("last");
    expect(await answer).toBe("last");
    await drainMicrotasks();
    expect(samplesOf(circuit)).toMatchObject({
      "calls_total breaker success": 1,
      "calls_total breaker ignore": 3,
    });
  });

  it("are failures when a timeout ends all of them", async () => {
    const circuit = breaker({ trip: consecutive(9) });
    const clock = new ManualClock();
    const guarded = pipeline(
      { clock },
      timeout(200),
      hedge({ after: 100 }),
      circuit,
    );
    const answer = refusalOf(
      guarded.run(
        ({ signal }) =>
          new Promise((_, reject) =>
            signal.addEventListener("abort", () =>
              reject(signal.reason as Error),
            ),
          ),
      ),
    );
    await clock.advance(200);
    expect(await answer).toBe("timeout: timeout: no result after 200 ms");
    await drainMicrotasks();
    expect(samplesOf(circuit)["calls_total breaker failure"]).toBe(2);
  });

  it("are told to whoever has to free what they hold, if they come to a value", async () => {
    let verdict: Verdict = { failure: true };
    const discarded: unknown[] = [];
    const { clock, guarded, runs, call } = make({ max: 2 }, () => verdict);
    const answer = guarded.run(call, {
      discard: (value) => void discarded.push(value),
    });
    await clock.advance(200);
    runs[0]?.resolve("503");
    await drainMicrotasks();
    expect(discarded).toEqual(["503"]);
    verdict = "success";
    // In the same moment: the abort of the other comes too late.
    runs[1]?.resolve("winner");
    runs[2]?.resolve("loser");
    expect(await answer).toBe("winner");
    await drainMicrotasks();
    expect(discarded).toEqual(["503", "loser"]);
  });

  it("are not told when their value is the very one that is given back", async () => {
    const shared = coalesce(() => "a");
    const { clock, guarded, runs, call } = make({}, undefined, shared);
    const discarded: unknown[] = [];
    const answer = guarded.run(call, {
      discard: (value) => void discarded.push(value),
    });
    await clock.advance(100);
    runs[0]?.resolve("shared");
    expect(await answer).toBe("shared");
    await drainMicrotasks();
    expect([runs.length, discarded]).toEqual([1, []]);
  });

  it("leave no unhandled rejection", async () => {
    const { clock, guarded, runs, call } = make();
    const answer = guarded.run(call);
    await clock.advance(100);
    runs[1]?.resolve("second");
    await answer;
    runs[0]?.reject(new Error("late"));
    await drainMicrotasks();
  });
});

describe("a hedge after a quantile", () => {
  const after = quantile(0.9, { window: "10s", minimum: 20 });

  it("waits until it knows how long calls take, then for that", async () => {
    const { clock, guarded, runs, call } = make({ after });
    const once = async (ms: number): Promise<number> => {
      const before = runs.length;
      const answer = guarded.run(call);
      await clock.advance(ms);
      const sent = runs.length - before;
      runs.at(-1)?.resolve("");
      await answer;
      return sent;
    };
    for (let count = 0; count < 19; count++)
      expect(await once(count < 18 ? 10 : 50)).toBe(1);
    expect(await once(500)).toBe(1);
    // 18 of 20 took 10 ms, so the 90th percentile is there, to within a twentieth.
    expect(await once(10)).toBe(1);
    expect(await once(11)).toBe(2);
  });

  it("is not misled by its own extra runs: their share stays what it was", async () => {
    const random = seededRandom(5);
    const { clock, guarded, policy } = make({ after, budget: false });
    // Even between 0 and 100 ms: 90 ms, to within a twentieth, is the quantile for ever.
    for (let count = 0; count < 3_000; count++) {
      const answer = guarded.run(() => clock.sleep(100 * random()));
      await clock.advance(200);
      await answer;
    }
    const share = (samplesOf(policy)["hedges_total hedge"] ?? 0) / 3_000;
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(0.11);
  });

  it("learns nothing from failures", async () => {
    const { clock, guarded, runs, call } = make({ after });
    for (let count = 0; count < 40; count++) {
      const answer = guarded.try(call);
      runs.at(-1)?.reject(new Error("down"));
      await answer;
    }
    const answer = guarded.run(call);
    await clock.advance(5_000);
    expect(runs).toHaveLength(41);
    runs.at(-1)?.resolve("");
    await answer;
  });
});
