import { renderPrometheus } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  breaker,
  consecutive,
  constant,
  exponential,
  pipeline,
  retry,
  retryBudget,
  timeout,
  type Classify,
  type RetryOptions,
} from "../index.ts";

const make = (options: RetryOptions = {}, classify?: Classify) => {
  const clock = new ManualClock();
  const policy = retry({ backoff: constant(100), ...options });
  const guarded = pipeline({ clock, random: () => 0.5, classify }, policy);
  return { clock, policy, guarded };
};

/** A service that fails so many times before it works, and keeps the times of its calls. */
const failing = (clock: ManualClock, times: number) => {
  const calls: number[] = [];
  const errors: Error[] = [];
  const call = (): Promise<string> => {
    calls.push(clock.now());
    if (calls.length > times) return Promise.resolve("done");
    const error = new Error(`failure ${calls.length}`);
    errors.push(error);
    return Promise.reject(error);
  };
  return { call, calls, errors };
};

describe("a retry", () => {
  it("calls once when all is well", async () => {
    const { clock, guarded } = make();
    const { call, calls } = failing(clock, 0);
    await expect(guarded.run(call)).resolves.toBe("done");
    expect(calls).toEqual([0]);
  });

  it("repeats a failed call after a pause until it succeeds", async () => {
    const { clock, guarded } = make({ attempts: 5 });
    const { call, calls } = failing(clock, 2);
    const running = guarded.run(call);
    await clock.advance(1_000);
    await expect(running).resolves.toBe("done");
    expect(calls).toEqual([0, 100, 200]);
  });

  it("makes three attempts in total by default and gives back the last error itself", async () => {
    const { clock, guarded } = make();
    const { call, calls, errors } = failing(clock, 9);
    const running = guarded.try(call);
    await clock.advance(1_000);
    expect(await running).toEqual({ ok: false, error: errors[2] });
    expect(calls).toHaveLength(3);
  });

  it("pauses 100 ms doubling up to 10 s with full jitter by default", async () => {
    const { clock, guarded } = make({ attempts: 10, backoff: undefined });
    const { call, calls } = failing(clock, 9);
    const running = guarded.run(call);
    await clock.advance(60_000);
    await running;
    const pauses = calls.slice(1).map((at, index) => at - calls[index]!);
    // Half of 100, 200, ..., because the random is 0.5.
    expect(pauses).toEqual([50, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it("hands the last pause to the backoff", async () => {
    const { clock, guarded } = make({
      attempts: 4,
      backoff: exponential({ initial: 100, jitter: "decorrelated" }),
    });
    const { call, calls } = failing(clock, 3);
    const running = guarded.run(call);
    await clock.advance(60_000);
    await running;
    expect(calls).toEqual([0, 200, 550, 1_125]);
  });

  it("numbers the attempts in the context from 1", async () => {
    const { clock, guarded } = make();
    const attempts: number[] = [];
    const running = guarded.try((context) => {
      attempts.push(context.attempt);
      throw new Error("at once");
    });
    await clock.advance(1_000);
    await running;
    expect(attempts).toEqual([1, 2, 3]);
  });

  it("does not repeat what is judged 'ignore'", async () => {
    const { guarded } = make({}, (outcome) =>
      outcome.ok ? "success" : "ignore",
    );
    let calls = 0;
    await expect(
      guarded.run(() => {
        calls++;
        throw new Error("not found");
      }),
    ).rejects.toThrow("not found");
    expect(calls).toBe(1);
  });

  it("repeats a value that is judged a failure, and gives back the last one", async () => {
    const { clock, guarded } = make({}, (outcome) =>
      outcome.ok && outcome.value === 503 ? "failure" : "success",
    );
    const answers = [503, 503, 503, 200];
    const running = guarded.run(() => answers.shift());
    await clock.advance(1_000);
    await expect(running).resolves.toBe(503);
    expect(answers).toEqual([200]);
  });

  it("asks retryIf about the error, and stops when it says no", async () => {
    const asked: unknown[] = [];
    const { clock, guarded } = make({
      retryIf: (reason, context) => {
        asked.push([String(reason), context.attempt]);
        return context.attempt < 2;
      },
    });
    const { call, calls } = failing(clock, 9);
    const running = guarded.try(call);
    await clock.advance(1_000);
    expect(await running).toMatchObject({ ok: false });
    expect(calls).toHaveLength(2);
    expect(asked).toEqual([
      ["Error: failure 1", 1],
      ["Error: failure 2", 2],
    ]);
  });

  it("takes what the service asks for as a floor under its pause", async () => {
    const { clock, guarded } = make({ attempts: 2 }, (outcome) =>
      outcome.ok ? "success" : { failure: true, retryAfterMs: 700 },
    );
    const { call, calls } = failing(clock, 1);
    const running = guarded.run(call);
    await clock.advance(1_000);
    await running;
    expect(calls).toEqual([0, 700]);
  });

  it("hears that from the error itself with the default classify", async () => {
    const { clock, guarded } = make({ attempts: 2 });
    const calls: number[] = [];
    const running = guarded.try(() => {
      calls.push(clock.now());
      throw Object.assign(new Error("busy"), { retryAfterMs: 300 });
    });
    await clock.advance(1_000);
    await running;
    expect(calls).toEqual([0, 300]);
  });

  it("does not wait longer for a service that asks for nonsense, nor for ever", async () => {
    for (const retryAfterMs of [NaN, -5, 10]) {
      const { clock, guarded } = make({ attempts: 2 }, (outcome) =>
        outcome.ok ? "success" : { failure: true, retryAfterMs },
      );
      const { call, calls } = failing(clock, 1);
      const running = guarded.run(call);
      await clock.advance(100);
      await running;
      expect(calls).toEqual([0, 100]);
    }
    const { clock, guarded } = make({}, () => ({
      failure: true,
      retryAfterMs: Infinity,
    }));
    const { call, calls } = failing(clock, 1);
    await expect(guarded.run(call)).rejects.toThrow("failure 1");
    expect(calls).toEqual([0]);
  });

  it("repeats at once when the pause is zero, without a timer", async () => {
    const { clock, guarded } = make({ backoff: constant(0) });
    const { call, calls } = failing(clock, 2);
    await expect(guarded.run(call)).resolves.toBe("done");
    expect(calls).toEqual([0, 0, 0]);
    expect(clock.pending).toBe(0);
  });
});

describe("a retry of a call that may run only once", () => {
  it("gives back the first failure, whatever is left of attempts and budget", async () => {
    const budget = retryBudget();
    const { clock, guarded } = make({ budget });
    const { call, calls, errors } = failing(clock, 9);
    const settled = await guarded.try(call, { repeatable: false });
    expect(settled).toEqual({ ok: false, error: errors[0] });
    expect(calls).toEqual([0]);
    expect(clock.pending).toBe(0);
    expect(budget).toMatchObject({ calls: 0, retries: 0 });
    const text = renderPrometheus([guarded]);
    expect(text).toContain('dp_breaker_retries_total{policy="retry"} 0');
    expect(text).toContain('reason="attempts"} 0');
  });

  it("gives back a value that is judged a failure too", async () => {
    const { guarded } = make({}, () => "failure");
    const answers = [503, 200];
    const call = (): number | undefined => answers.shift();
    await expect(guarded.run(call, { repeatable: false })).resolves.toBe(503);
    expect(answers).toEqual([200]);
  });

  it("knows so under timeouts, deadlines and pipelines of their own settings", async () => {
    const clock = new ManualClock();
    const inner = pipeline(
      { clock, classify: () => "failure" },
      timeout("1s"),
      retry(),
    );
    const guarded = pipeline({ clock }, timeout("2s"), inner);
    let calls = 0;
    await guarded.run(() => calls++, { repeatable: false, deadline: "3s" });
    expect(calls).toBe(1);
    const running = guarded.run(() => calls++, { repeatable: undefined });
    await clock.advance(1_000);
    await running;
    expect(calls).toBe(4);
  });
});

describe("a retry under a deadline", () => {
  it("never sleeps up to or past it, but gives back the last error at once", async () => {
    for (const [deadline, expected] of [
      [250, 3],
      [200, 2],
      [199, 2],
      [100, 1],
    ] as const) {
      const { clock, guarded } = make({ attempts: 9 });
      const { call, calls, errors } = failing(clock, 9);
      const running = guarded.try(call, { deadline });
      await clock.advance(99);
      await clock.advance(100);
      await clock.advance(1);
      expect(calls).toHaveLength(expected);
      expect(await running).toEqual({ ok: false, error: errors.at(-1) });
      expect(clock.pending).toBe(0);
    }
  });

  it("does not wait for a service that asks for more time than is left", async () => {
    const clock = new ManualClock();
    const guarded = pipeline({ clock }, timeout("1s"), retry());
    let calls = 0;
    await expect(
      guarded.run(() => {
        calls++;
        throw Object.assign(new Error("busy"), { retryAfterMs: 1_000 });
      }),
    ).rejects.toThrow("busy");
    expect(calls).toBe(1);
  });
});

describe("a retry whose caller aborts", () => {
  it("wakes from its pause at once, with the signal's reason, and leaves nothing behind", async () => {
    const budget = retryBudget();
    const { clock, guarded } = make({ budget });
    const { call, calls } = failing(clock, 9);
    const controller = new AbortController();
    const running = guarded.try(call, { signal: controller.signal });
    await clock.advance(50);
    expect(budget).toMatchObject({ calls: 1, retries: 1 });
    const reason = new Error("the user left");
    controller.abort(reason);
    expect(await running).toEqual({ ok: false, error: reason });
    expect(calls).toHaveLength(1);
    expect(clock.pending).toBe(0);
    expect(budget).toMatchObject({ calls: 0, retries: 0 });
  });

  it("does not repeat a call that failed because of it", async () => {
    const { clock, guarded } = make();
    const controller = new AbortController();
    let calls = 0;
    const running = guarded.try(
      async ({ signal }) => {
        calls++;
        await clock.sleep(1_000, signal);
      },
      { signal: controller.signal },
    );
    controller.abort(new Error("the user left"));
    await clock.advance(5_000);
    expect(await running).toMatchObject({ ok: false });
    expect(calls).toBe(1);
  });

  it("does not begin another attempt after a timeout around it has struck", async () => {
    const clock = new ManualClock();
    // The second timeout sets no deadline that could end the retry before the abort does.
    const guarded = pipeline(
      { clock },
      timeout("1m"),
      timeout(150),
      retry({ attempts: 9 }),
    );
    let calls = 0;
    const running = guarded.try(async ({ signal }) => {
      calls++;
      await clock.sleep(500, signal);
    });
    await clock.advance(10_000);
    expect(await running).toMatchObject({ error: { kind: "timeout" } });
    expect(calls).toBe(1);
    expect(clock.pending).toBe(0);
    expect(renderPrometheus([guarded])).toContain(
      'dp_breaker_retries_total{policy="retry"} 0',
    );
  });
});

describe("a retry with a budget", () => {
  it("is on by default: of a hundred calls that fail together twenty are repeated", async () => {
    const { clock, guarded } = make({ attempts: 2 });
    let calls = 0;
    const running = Array.from({ length: 100 }, () =>
      guarded.try(() => {
        calls++;
        return Promise.reject(new Error("down"));
      }),
    );
    await clock.advance(1_000);
    await Promise.all(running);
    expect(calls).toBe(120);
  });

  it("counts those that sleep, not only those that are sent", async () => {
    const budget = retryBudget({ ratio: 0, minimum: 1 });
    const { clock, guarded } = make({ budget });
    const first = failing(clock, 1);
    const second = failing(clock, 1);
    const sleeping = guarded.try(first.call);
    await clock.advance(10);
    expect(await guarded.try(second.call)).toEqual({
      ok: false,
      error: second.errors[0],
    });
    await clock.advance(100);
    expect(await sleeping).toEqual({ ok: true, value: "done" });
    expect(budget).toMatchObject({ calls: 0, retries: 0 });
  });

  it("can be shared by two retries", async () => {
    const budget = retryBudget({ ratio: 0, minimum: 1 });
    const one = make({ budget });
    const other = make({ budget });
    const sleeping = one.guarded.try(failing(one.clock, 1).call);
    await one.clock.advance(10);
    const refused = failing(other.clock, 1);
    await expect(other.guarded.run(refused.call)).rejects.toThrow("failure 1");
    await one.clock.advance(100);
    await sleeping;
  });

  it("can be switched off", async () => {
    const { clock, guarded } = make({ attempts: 2, budget: false });
    let calls = 0;
    const running = Array.from({ length: 50 }, () =>
      guarded.try(() => {
        calls++;
        return Promise.reject(new Error("down"));
      }),
    );
    await clock.advance(100);
    await Promise.all(running);
    expect(calls).toBe(100);
  });
});

describe("a retry around a circuit breaker", () => {
  it("lets the circuit see every attempt and ends when it refuses", async () => {
    const clock = new ManualClock();
    const circuit = breaker({ trip: consecutive(2) });
    const guarded = pipeline(
      { clock },
      retry({ attempts: 5, backoff: constant(10) }),
      circuit,
    );
    const { call, calls } = failing(clock, 9);
    const running = guarded.try(call);
    await clock.advance(20);
    expect(await running).toMatchObject({
      error: { kind: "open", retryAfterMs: 4_990 },
    });
    expect(calls).toHaveLength(2);
  });
});

describe("a retry's metrics", () => {
  it("count repeats and what ran out", async () => {
    const { clock, guarded } = make({ name: "catalog" });
    const running = guarded.try(failing(clock, 9).call);
    await clock.advance(1_000);
    await running;
    await guarded.try(failing(clock, 9).call, { deadline: 50 });
    const text = renderPrometheus([guarded]);
    expect(text).toContain('dp_breaker_retries_total{policy="catalog"} 2');
    for (const line of ['"attempts"} 1', '"deadline"} 1', '"budget"} 0'])
      expect(text).toContain(
        `dp_breaker_retries_given_up_total{policy="catalog",reason=${line}`,
      );
  });
});

describe("retry options", () => {
  it("are refused when out of bounds", () => {
    expect(() => retry({ attempts: 0 })).toThrow(
      "attempts must be an integer of at least 1, got 0",
    );
    expect(() => retry({ backoff: {} as never })).toThrow(
      "backoff must be an object with a delayMs method",
    );
    expect(() => retry({ budget: true as never })).toThrow("budget must be");
  });
});
