import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { drainMicrotasks, ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { deferred, type Deferred } from "../test/deferred.ts";
import { refusalOf } from "../test/refusal-of.ts";
import { samplesOf } from "../test/samples.ts";
import {
  breaker,
  coalesce,
  consecutive,
  pipeline,
  timeout,
  type CallContext,
} from "./index.ts";

const make = () => {
  const clock = new ManualClock();
  const policy = coalesce(({ key }) => key);
  const guarded = pipeline({ clock }, policy);
  const runs: (Deferred<object> & { context: CallContext })[] = [];
  const call = (context: CallContext): Promise<object> => {
    const run = { ...deferred<object>(), context };
    runs.push(run);
    return run.promise;
  };
  return { clock, policy, guarded, runs, call };
};

describe("coalesced calls", () => {
  it("share one run and its very value while they overlap", async () => {
    const { guarded, runs, call, policy } = make();
    const both = [1, 2].map(() => guarded.run(call, { key: "a" }));
    expect(samplesOf(policy)).toEqual({
      "coalesced_total coalesce": 1,
      "coalesce_runs coalesce": 1,
    });
    const value = {};
    runs[0]?.resolve(value);
    const [first, second] = await Promise.all(both);
    expect([first === value, second === value]).toEqual([true, true]);
    void guarded.run(call, { key: "a" });
    expect(runs).toHaveLength(2);
  });

  it("share its very error too", async () => {
    const { guarded, runs, call } = make();
    const both = [1, 2].map(() => refusalOf(guarded.run(call, { key: "a" })));
    const error = new Error("down");
    runs[0]?.reject(error);
    for (const each of await Promise.all(both)) expect(each).toBe(error);
  });

  it("run apart for other keys, and alone without a key", async () => {
    const { guarded, runs, call, policy } = make();
    for (const key of ["a", "b", undefined, undefined])
      void guarded.run(call, { key });
    await drainMicrotasks();
    expect(runs).toHaveLength(4);
    expect(samplesOf(policy)["coalesce_runs coalesce"]).toBe(2);
  });

  it("run alone if they are to happen once for each caller", async () => {
    const { guarded, runs, call } = make();
    for (let time = 0; time < 2; time++)
      void guarded.run(call, { key: "a", repeatable: false });
    await drainMicrotasks();
    expect(runs).toHaveLength(2);
  });

  it("share a run that throws before its first await", async () => {
    const { guarded } = make();
    const boom = () => {
      throw new Error("boom");
    };
    await expect(guarded.run(boom, { key: "a" })).rejects.toThrow("boom");
    await expect(guarded.run(boom, { key: "a" })).rejects.toThrow("boom");
  });

  it("reject when the key cannot be told", async () => {
    const guarded = pipeline(
      coalesce(() => {
        throw new Error("no key");
      }),
    );
    await expect(guarded.run(() => 1)).rejects.toThrow("no key");
  });
});

describe("a caller of a coalesced call", () => {
  it("gives up alone, also the one that came first", async () => {
    const { guarded, runs, call } = make();
    const leaver = new AbortController();
    const first = refusalOf(
      guarded.run(call, { key: "a", signal: leaver.signal }),
    );
    const second = guarded.run(call, { key: "a" });
    leaver.abort("gone");
    expect(await first).toBe("gone");
    expect(runs[0]?.context.signal.aborted).toBe(false);
    const value = {};
    runs[0]?.resolve(value);
    expect(await second).toBe(value);
  });

  it("gives up too if the run aborts it before its first await", async () => {
    const { guarded } = make();
    const caller = new AbortController();
    const seen: unknown[] = [];
    const answer = refusalOf(
      guarded.run(
        ({ signal }) => {
          signal.addEventListener("abort", () => seen.push(signal.reason));
          caller.abort("gone");
          return new Promise(() => undefined);
        },
        { key: "a", signal: caller.signal },
      ),
    );
    expect(seen).toEqual(["gone"]);
    expect(await answer).toBe("gone");
    expect(await guarded.run(() => "new", { key: "a" })).toBe("new");
  });

  it("ends the run when it is the last to give up, and the next has a run of its own", async () => {
    const { guarded, runs, call } = make();
    const leavers = [new AbortController(), new AbortController()];
    const both = leavers.map(({ signal }) =>
      refusalOf(guarded.run(call, { key: "a", signal })),
    );
    leavers[0]?.abort("first");
    leavers[1]?.abort("second");
    expect(await Promise.all(both)).toEqual(["first", "second"]);
    expect(runs[0]?.context.signal.reason).toBe("second");
    const third = guarded.run(call, { key: "a" });
    expect(runs).toHaveLength(2);
    // What is given up ends only now. It must not take the place of the new run.
    runs[0]?.reject(new Error("late"));
    await drainMicrotasks();
    const fourth = guarded.run(call, { key: "a" });
    expect(runs).toHaveLength(2);
    const value = {};
    runs[1]?.resolve(value);
    expect(await Promise.all([third, fourth])).toEqual([value, value]);
  });

  it("is bound by its own timeout, and the run by none of them", async () => {
    const clock = new ManualClock();
    const policy = coalesce(({ key }) => key);
    const { promise, resolve } = deferred<string>();
    let deadlineMs = 0;
    const run = (limitMs: number) =>
      pipeline({ clock }, timeout(limitMs), policy).run(
        (context) => {
          deadlineMs = context.deadlineMs;
          return promise;
        },
        { key: "a" },
      );
    const hasty = refusalOf(run(100));
    const patient = run(1_000);
    await clock.advance(100);
    expect(await hasty).toContain("timeout");
    expect(deadlineMs).toBe(Infinity);
    resolve("there");
    expect(await patient).toBe("there");
  });

  it("is not counted against the service when it has lost interest, but when it is out of time", async () => {
    const clock = new ManualClock();
    const circuit = breaker({ trip: consecutive(9) });
    const inside = pipeline(
      coalesce(() => "a"),
      circuit,
    );
    const hangs = ({ signal }: CallContext) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Error)),
      );
    const caller = new AbortController();
    const gone = refusalOf(inside.run(hangs, { signal: caller.signal }));
    caller.abort("gone");
    await gone;
    const late = refusalOf(pipeline({ clock }, timeout(10), inside).run(hangs));
    await clock.advance(10);
    await late;
    await drainMicrotasks();
    expect(samplesOf(circuit)).toMatchObject({
      "calls_total breaker ignore": 1,
      "calls_total breaker failure": 1,
    });
  });

  it("is not kept when it has gone, while others still wait", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const { guarded, runs, call } = make();
    const patient = guarded.run(call, { key: "a" });
    const leave = async (): Promise<WeakRef<AbortSignal>> => {
      const caller = new AbortController();
      const { signal } = caller;
      const answer = refusalOf(guarded.run(call, { key: "a", signal }));
      caller.abort("gone");
      expect(await answer).toBe("gone");
      return new WeakRef(signal);
    };
    const gone = await leave();
    await drainMicrotasks();
    collectGarbage();
    expect(gone.deref()).toBeUndefined();
    const value = {};
    runs[0]?.resolve(value);
    expect(await patient).toBe(value);
  });

  it("never aborts a run that has ended", async () => {
    const { guarded, runs, call } = make();
    const caller = new AbortController();
    const answer = guarded.run(call, { key: "a", signal: caller.signal });
    runs[0]?.resolve({});
    await answer;
    caller.abort();
    expect(runs[0]?.context.signal.aborted).toBe(false);
  });
});
