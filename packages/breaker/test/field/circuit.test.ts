import type { Clock } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { deferred } from "../deferred.ts";
import {
  anyOf,
  breaker,
  consecutive,
  exponential,
  failureRate,
  pipeline,
  ResilienceError,
  slowRate,
  type BreakerOptions,
  type BreakerSnapshot,
  type CircuitBreaker,
  type Hint,
  type HintChannel,
} from "../../src/index.ts";

const make = (options: BreakerOptions = {}) => {
  const clock = new ManualClock();
  return { clock, circuit: breaker({ clock, ...options }) };
};

/** A circuit that one failure opens, whose break of a second is just over. */
const probing = async (options: BreakerOptions = {}) => {
  const made = make({ trip: consecutive(1), openFor: "1s", ...options });
  made.circuit.permit().failure();
  await made.clock.advance(1_000);
  return made;
};

const admitted = (circuit: CircuitBreaker, calls: number): number =>
  Array.from({ length: calls }, () => circuit.tryPermit()).filter(
    (permit) => permit !== undefined,
  ).length;

const fail = (circuit: CircuitBreaker, times: number): void => {
  for (let call = 0; call < times; call++) circuit.permit().failure();
};

const succeed = (circuit: CircuitBreaker, times: number): void => {
  for (let call = 0; call < times; call++) circuit.permit().success();
};

describe("a closed circuit", () => {
  it("does not open on the first failure by default", () => {
    const { circuit } = make();
    fail(circuit, 19);
    expect(circuit.state).toBe("closed");
    fail(circuit, 1);
    expect(circuit.state).toBe("open");
  });

  it("takes its rate from finished calls alone, however many are under way, refused or ignored", () => {
    const trip = failureRate(0.5, { window: "10s", minimum: 9 });
    const { circuit } = make({ trip });
    expect(admitted(circuit, 10)).toBe(10);
    for (let call = 0; call < 10; call++) circuit.permit().ignore();
    fail(circuit, 8);
    expect(circuit.inspect().failureRate).toBe(1);
    fail(circuit, 1);
    expect(circuit.state).toBe("open");
    expect(admitted(circuit, 10)).toBe(0);
    expect(circuit.inspect().why.text).toBe(
      "9 of 9 calls failed, which reaches 50 % failures among at least 9 results in 10000 ms; open for 5000 ms",
    );
  });

  it("counts nothing of before a silence that is longer than its window", async () => {
    const trip = failureRate(0.5, { window: "10s", minimum: 5 });
    const { clock, circuit } = make({ trip });
    fail(circuit, 4);
    await clock.advance(3_600_000);
    expect(circuit.inspect().counts.total).toBe(0);
    fail(circuit, 1);
    expect(circuit.state).toBe("closed");
  });

  it("opens on calls that hang, before any of them has ended", async () => {
    const trip = slowRate(0.5, { over: 800, window: "10s", minimum: 5 });
    const { clock, circuit } = make({ trip });
    succeed(circuit, 5);
    expect(admitted(circuit, 5)).toBe(5);
    await clock.advance(799);
    expect(circuit.state).toBe("closed");
    await clock.advance(1);
    expect(circuit.state).toBe("open");
  });

  it("watches failures and slowness with a threshold for each", async () => {
    const rates = { window: "10s", minimum: 4 } as const;
    const trip = anyOf(
      failureRate(0.5, rates),
      slowRate(0.75, { over: 100, ...rates }),
    );
    const failing = make({ trip });
    succeed(failing.circuit, 2);
    fail(failing.circuit, 2);
    expect(failing.circuit.state).toBe("open");
    const slow = make({ trip });
    succeed(slow.circuit, 1);
    const permits = [1, 2, 3].map(() => slow.circuit.permit());
    await slow.clock.advance(100);
    for (const permit of permits) permit.success();
    expect(slow.circuit.state).toBe("open");
  });
});

describe("an open circuit", () => {
  it("makes a new error for each refusal, whose message and stack do not grow", async () => {
    const { circuit } = await probing({ openFor: Infinity });
    const outer = breaker({ name: "outer" });
    const guarded = pipeline(outer, circuit);
    const errors = new Set<Error>();
    for (let call = 0; call < 100; call++) {
      const result = await guarded.try(() => 1);
      if (!result.ok && result.error instanceof Error) errors.add(result.error);
    }
    expect(errors.size).toBe(100);
    const texts = new Set(
      Array.from(errors, ({ message, stack, cause }) =>
        [message, stack, cause].join(),
      ),
    );
    expect(texts.size).toBe(1);
    expect([...texts].join().length).toBeLessThan(200);
  });

  it("recovers without a turn of the event loop", () => {
    let nowMs = 0;
    const needsNoTimer = (): never => {
      throw new Error("a circuit takes no timer");
    };
    const clock: Clock = {
      now: () => nowMs,
      wallNow: () => nowMs,
      schedule: needsNoTimer,
      sleep: needsNoTimer,
    };
    const circuit = breaker({ trip: consecutive(1), clock, probes: 1 });
    fail(circuit, 1);
    expect(circuit.state).toBe("open");
    // All in one go, as in a loop that gives timers no chance.
    while (circuit.tryPermit() === undefined) nowMs += 100;
    expect([circuit.state, nowMs]).toEqual(["half-open", 5_000]);
  });

  it("breaks for longer while the service stays down, and for less again after it has been up", async () => {
    const lengths: number[] = [];
    const { clock, circuit } = make({
      trip: consecutive(1),
      openFor: exponential({ initial: "1s", max: "8s", jitter: "none" }),
      probes: 1,
    });
    const down = async (): Promise<void> => {
      fail(circuit, 1);
      const breakMs = circuit.inspect().retryAfterMs ?? Infinity;
      lengths.push(breakMs);
      await clock.advance(breakMs);
    };
    for (let time = 0; time < 5; time++) await down();
    succeed(circuit, 1);
    await clock.advance(8_000);
    await down();
    succeed(circuit, 1);
    await clock.advance(3_600_000);
    await down();
    expect(lengths).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 1_000]);
  });

  it("keeps its break within bounds at the two thousandth opening too", async () => {
    const { clock, circuit } = make({
      trip: consecutive(1),
      openFor: exponential({ initial: "1s", max: "1m" }),
      random: () => 0.999,
    });
    for (let opening = 0; opening < 2_000; opening++) {
      fail(circuit, 1);
      const { retryAfterMs } = circuit.inspect();
      expect(retryAfterMs).toBeGreaterThan(0);
      expect(retryAfterMs).toBeLessThanOrEqual(60_000);
      await clock.advance(60_000);
    }
  });
});

describe("a half-open circuit", () => {
  it("comes out of half-open although the probe hangs for ever", async () => {
    const { clock, circuit } = await probing({ probes: 1, probeLease: "30s" });
    void circuit.run(() => new Promise(() => undefined));
    expect(circuit.tryPermit()).toBeUndefined();
    await clock.advance(30_000 + 1_000);
    succeed(circuit, 1);
    expect(circuit.state).toBe("closed");
  });

  it("is not used up by probes that say nothing", async () => {
    const { circuit } = await probing({ classify: () => "ignore" });
    for (let call = 0; call < 100; call++)
      expect(await circuit.run(() => call)).toBe(call);
    expect(circuit.state).toBe("half-open");
  });

  it("lets no more calls through than must pass, however many come at once", async () => {
    const { circuit } = await probing({ probes: 3 });
    const answer = deferred<string>();
    let made = 0;
    const calls = Array.from({ length: 1_000 }, () =>
      circuit
        .run(() => {
          made++;
          return answer.promise;
        })
        .catch((error: unknown) => ResilienceError.is(error)),
    );
    answer.resolve("up");
    const results = await Promise.all(calls);
    expect(made).toBe(3);
    expect(results.filter((result) => result === "up")).toHaveLength(3);
  });

  it("is closed by several calls, not by one lucky one", async () => {
    const { circuit } = await probing();
    succeed(circuit, 2);
    expect(circuit.state).toBe("half-open");
    succeed(circuit, 1);
    expect(circuit.state).toBe("closed");
  });

  it("goes by the calls of its own time alone, whatever older ones say", async () => {
    const { clock, circuit } = make({ trip: consecutive(1), probes: 1 });
    const ends = [1, 2, 3, 4].map(() => deferred<string>());
    const calls = ends.map(({ promise }) => circuit.run(() => promise));
    const end = async (index: number, error?: Error): Promise<void> => {
      if (error === undefined) ends[index]?.resolve("late");
      else ends[index]?.reject(error);
      await Promise.allSettled([calls[index]]);
    };
    fail(circuit, 1);
    await clock.advance(5_000);
    await end(0);
    expect(circuit.state).toBe("half-open");
    await end(1, new Error("late"));
    expect(circuit.state).toBe("half-open");
    succeed(circuit, 1);
    await end(2);
    await end(3, new Error("late"));
    expect(circuit.inspect()).toMatchObject({
      state: "closed",
      counts: { total: 0 },
    });
  });
});

describe("a circuit that has closed again", () => {
  it("lets a service warm up: a tenth of the calls at first, all in the end", async () => {
    const { clock, circuit } = await probing({
      probes: 1,
      ramp: { over: "10s" },
    });
    succeed(circuit, 1);
    // To within one call.
    expect([9, 10]).toContain(admitted(circuit, 100));
    await clock.advance(5_000);
    expect([54, 55, 56]).toContain(admitted(circuit, 100));
    await clock.advance(5_000);
    expect(admitted(circuit, 100)).toBe(100);
  });
});

/** Channels of several processes, each of which hears all others. */
const network = (processes: number, quorum: number): HintChannel[] => {
  const all = new Map<string, Set<(hint: Hint) => void>>();
  return Array.from({ length: processes }, (_, index) => {
    const source = `process ${index}`;
    const own = new Set<(hint: Hint) => void>();
    all.set(source, own);
    return {
      quorum,
      publish(hint) {
        for (const [name, listeners] of all)
          if (name !== source)
            for (const listener of listeners) listener({ ...hint, source });
      },
      subscribe(listener) {
        own.add(listener);
        return () => own.delete(listener);
      },
    };
  });
};

describe("circuits of several processes", () => {
  const build = (processes: number) => {
    const clock = new ManualClock();
    return network(processes, 2).map((hints) =>
      breaker({ name: "payments", hints, clock }),
    );
  };

  it("open together when two of them say so, and not because of a bad one", () => {
    const [bad, second, third] = build(3) as [
      CircuitBreaker,
      CircuitBreaker,
      CircuitBreaker,
    ];
    fail(bad, 20);
    expect(third.state).toBe("closed");
    fail(second, 20);
    expect(third.state).toBe("open");
  });

  it("are not reset by one that has just begun, nor against what they see themselves", () => {
    const circuits = build(4);
    const [first, second, healthy] = circuits as [
      CircuitBreaker,
      CircuitBreaker,
      CircuitBreaker,
    ];
    succeed(healthy, 10);
    fail(first, 20);
    fail(second, 20);
    expect(circuits.map(({ state }) => state)).toEqual([
      "open",
      "open",
      "closed",
      "open",
    ]);
  });
});

describe("a circuit of a process that starts again", () => {
  it("restores a break with the time that is left", async () => {
    const { clock, circuit } = make({ trip: consecutive(1), openFor: "1m" });
    fail(circuit, 1);
    await clock.advance(20_000);
    const stored = JSON.stringify(circuit.snapshot());
    const next = make();
    await next.clock.advance(20_000 + 25_000);
    next.circuit.restore(JSON.parse(stored) as BreakerSnapshot);
    expect(next.circuit.inspect()).toMatchObject({
      state: "open",
      retryAfterMs: 15_000,
    });
    await next.clock.advance(15_000);
    expect(next.circuit.state).toBe("half-open");
  });
});
