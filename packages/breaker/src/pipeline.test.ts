import { systemClock } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  breaker,
  consecutive,
  constant,
  fallback,
  pipeline,
  retry,
  timeout,
  type CallContext,
  type Policy,
} from "./index.ts";

/** A policy that logs on the way in and out. */
const logged = (name: string, log: string[]): Policy => ({
  name,
  async execute(next, context) {
    log.push(`${name} in`);
    try {
      return await next(context);
    } finally {
      log.push(`${name} out`);
    }
  },
});

describe("a pipeline", () => {
  it("runs the first policy outermost", async () => {
    const log: string[] = [];
    const guarded = pipeline(logged("a", log), logged("b", log));
    await guarded.run(() => log.push("call"));
    expect(log).toEqual(["a in", "b in", "call", "b out", "a out"]);
  });

  it("is just the call when it has no policy", async () => {
    await expect(pipeline().run(() => 1)).resolves.toBe(1);
    await expect(
      pipeline({}).run(() => {
        throw new Error("at once");
      }),
    ).rejects.toThrow("at once");
  });

  it("hands signal, key and priority on to the call", async () => {
    const { signal } = new AbortController();
    await pipeline().run(
      (context) => {
        expect(context).toMatchObject({
          attempt: 1,
          deadlineMs: Infinity,
          key: "user 7",
          priority: 2,
        });
        expect(context.signal).toBe(signal);
        expect(context.remainingMs()).toBe(Infinity);
      },
      { signal, key: "user 7", priority: 2 },
    );
  });

  it("gives each call a signal of its own when the caller brings none", async () => {
    const guarded = pipeline();
    const [one, other] = await Promise.all([
      guarded.run(({ signal }) => signal),
      guarded.run(({ signal }) => signal),
    ]);
    expect(one).not.toBe(other);
  });

  it("tells the call how much time is left", async () => {
    const clock = new ManualClock();
    const running = pipeline({ clock }).run(
      async (context) => {
        await clock.sleep(400);
        return context.remainingMs();
      },
      { deadline: "1s" },
    );
    await clock.advance(400);
    await expect(running).resolves.toBe(600);
  });

  it("makes no call when the signal has aborted before", async () => {
    let called = false;
    const running = pipeline(retry()).run(
      () => {
        called = true;
      },
      { signal: AbortSignal.abort(new Error("the user left")) },
    );
    await expect(running).rejects.toThrow("the user left");
    expect(called).toBe(false);
  });

  it("wraps a function into a guarded one of the same arguments", async () => {
    const add = pipeline().wrap(
      (context, a: number, b: number) => a + b + context.attempt,
    );
    await expect(add(1, 2)).resolves.toBe(4);
  });

  it("gives the error as a value on request", async () => {
    const error = new Error("down");
    await expect(pipeline().try(() => Promise.reject(error))).resolves.toEqual({
      ok: false,
      error,
    });
    await expect(pipeline().try(() => 1)).resolves.toEqual({
      ok: true,
      value: 1,
    });
    await expect(
      pipeline().try(() => 1, { deadline: "soon" as never }),
    ).resolves.toMatchObject({ error: { code: "DP_INVALID_OPTION" } });
  });

  it("takes policies of users that only hand on a changed copy of the context", async () => {
    const clock = new ManualClock();
    const labelled: Policy = {
      name: "labelled",
      execute: (next, context) =>
        next({ ...context, key: "labelled" }) as never,
    };
    const circuit = breaker({ trip: consecutive(1) });
    const guarded = pipeline(
      { clock, classify: () => "ignore" },
      labelled,
      circuit,
      timeout(100),
    );
    const running = guarded.try((context) =>
      Promise.reject(new Error(`${context.key} ${context.deadlineMs}`)),
    );
    expect(await running).toMatchObject({ error: { message: "labelled 100" } });
    expect(circuit.state).toBe("closed");
  });

  it("runs a policy by hand with a context of only the public fields", async () => {
    const controller = new AbortController();
    const context: CallContext = {
      signal: controller.signal,
      attempt: 1,
      deadlineMs: Infinity,
      remainingMs: () => Infinity,
    };
    const circuit = breaker({ trip: consecutive(1) });
    await expect(circuit.execute(() => 1, context)).resolves.toBe(1);
    controller.abort();
    await circuit
      .execute(() => Promise.reject(new Error("aborted")), context)
      .catch(() => null);
    expect(circuit.state).toBe("closed");
  });
});

describe("a pipeline's classify", () => {
  it("holds for all its policies, also for a breaker that has its own", async () => {
    const clock = new ManualClock();
    const circuit = breaker({
      trip: consecutive(2),
      classify: () => "ignore",
    });
    const guarded = pipeline(
      {
        clock,
        classify: (outcome) =>
          outcome.ok && outcome.value === 500 ? "failure" : "success",
      },
      retry({ attempts: 2, backoff: constant(0) }),
      circuit,
    );
    await expect(guarded.run(() => 500)).resolves.toBe(500);
    expect(circuit.state).toBe("open");
  });

  it("leaves a breaker its own where the pipeline sets none", async () => {
    const circuit = breaker({ trip: consecutive(1), classify: () => "ignore" });
    await pipeline(circuit)
      .run(() => Promise.reject(new Error("x")))
      .catch(() => null);
    expect(circuit.state).toBe("closed");
  });

  it("is not asked about what failed after the caller aborted: that is ignored", async () => {
    const clock = new ManualClock();
    const circuit = breaker({ trip: consecutive(1) });
    const guarded = pipeline(
      { clock, classify: () => "failure" },
      timeout(1_000),
      circuit,
    );
    const controller = new AbortController();
    const running = guarded.try(({ signal }) => clock.sleep(500, signal), {
      signal: controller.signal,
    });
    controller.abort(new Error("the user left"));
    await running;
    await clock.advance(0);
    expect(circuit.state).toBe("closed");
    expect(circuit.inspect().counts.total).toBe(0);
  });

  it("takes the abort by a timeout further out for a failure, unlike the caller's", async () => {
    const clock = new ManualClock();
    const circuit = breaker({ trip: consecutive(1) });
    const guarded = pipeline({ clock }, timeout(100), circuit);
    const running = guarded.try(({ signal }) => clock.sleep(500, signal));
    await clock.advance(100);
    await running;
    expect(circuit.state).toBe("open");
  });
});

describe("a pipeline's clock and random", () => {
  it("serve a breaker that has none of its own", async () => {
    const clock = new ManualClock();
    const circuit = breaker({ trip: consecutive(1), openFor: "1s" });
    pipeline({ clock }, circuit);
    circuit.permit().failure();
    await clock.advance(1_000);
    expect(circuit.state).toBe("half-open");
  });

  it("leave a breaker its own", async () => {
    const own = new ManualClock();
    const circuit = breaker({
      trip: consecutive(1),
      openFor: "1s",
      clock: own,
    });
    const clock = new ManualClock();
    const guarded = pipeline({ clock }, circuit);
    await guarded.run(() => Promise.reject(new Error("x"))).catch(() => null);
    await clock.advance(5_000);
    expect(circuit.state).toBe("open");
    await own.advance(1_000);
    expect(circuit.state).toBe("half-open");
  });

  it("of the first pipeline stay when the breaker is put into a second", async () => {
    const clock = new ManualClock();
    const circuit = breaker({ trip: consecutive(1), openFor: "1s" });
    pipeline({ clock }, circuit);
    pipeline({ clock: new ManualClock() }, circuit);
    circuit.permit().failure();
    await clock.advance(1_000);
    expect(circuit.state).toBe("half-open");
  });

  it("do not reach a breaker that has counted by another clock already", () => {
    const circuit = breaker({ trip: consecutive(1), openFor: "1h" });
    circuit.permit().failure();
    pipeline({ clock: new ManualClock() }, circuit);
    expect(circuit.state).toBe("open");
    expect(circuit.inspect().retryAfterMs).toBeLessThanOrEqual(3_600_000);
  });
});

describe("a pipeline inside a pipeline", () => {
  it("is a policy like any other", async () => {
    const clock = new ManualClock();
    const inner = pipeline(retry({ attempts: 2, backoff: constant(10) }));
    const outer = pipeline(
      { clock },
      fallback((error) => String(error)),
      inner,
    );
    let calls = 0;
    const running = outer.run(() => {
      calls++;
      throw new Error("down");
    });
    await clock.advance(10);
    await expect(running).resolves.toBe("Error: down");
    expect(calls).toBe(2);
  });

  it("takes over clock and random, and passes them to its breakers", async () => {
    const clock = new ManualClock();
    const circuit = breaker({ trip: consecutive(1), openFor: "1s" });
    pipeline({ clock }, pipeline(circuit));
    circuit.permit().failure();
    await clock.advance(1_000);
    expect(circuit.state).toBe("half-open");
  });

  it("keeps a clock of its own, and turns the deadline into its time", async () => {
    const clock = new ManualClock();
    const own = new ManualClock();
    await own.advance(70_000);
    const outer = pipeline({ clock }, timeout("2s"), pipeline({ clock: own }));
    await outer.run((context) => {
      expect(context.deadlineMs).toBe(72_000);
      expect(context.remainingMs()).toBe(2_000);
    });
  });

  it("keeps a classify of its own, and does not take one over for its own calls", async () => {
    const verdicts: string[] = [];
    const inner = pipeline(retry({ backoff: constant(0) }));
    pipeline(
      {
        classify: () => {
          verdicts.push("outer");
          return "success";
        },
      },
      inner,
    );
    await inner.run(() => Promise.reject(new Error("x"))).catch(() => null);
    expect(verdicts).toEqual([]);
  });

  it("shows the metrics of all policies inside, families put together", () => {
    const names = [
      ...pipeline(
        breaker({ name: "a" }),
        pipeline(retry(), breaker({ name: "b" })),
      ).metrics(),
    ].map((family) => `${family.name} ${[...family.samples].length}`);
    expect(names).toEqual([
      "dp_breaker_calls_total 10",
      "dp_breaker_state 8",
      "dp_breaker_transitions_total 8",
      "dp_breaker_retries_total 1",
      "dp_breaker_retries_given_up_total 3",
    ]);
  });
});

describe("a pipeline without settings", () => {
  it("runs by the system's clock", async () => {
    const before = systemClock.now();
    const deadlineMs = await pipeline(timeout("1h")).run(
      (context) => context.deadlineMs,
    );
    expect(deadlineMs).toBeGreaterThanOrEqual(before + 3_600_000);
  });
});
