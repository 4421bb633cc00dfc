import { ManualClock } from "@dp/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  anyOf,
  breaker,
  consecutive,
  countRate,
  exponential,
  failureRate,
  slowRate,
  type BreakerOptions,
  type BreakerSnapshot,
  type CircuitBreaker,
  type Trip,
} from "./index.ts";

const make = (options: BreakerOptions = {}) => {
  const clock = new ManualClock();
  const circuit = breaker({
    trip: consecutive(2),
    openFor: "1s",
    probes: 1,
    clock,
    ...options,
  });
  return { clock, circuit };
};

const throughJson = (snapshot: BreakerSnapshot): BreakerSnapshot =>
  JSON.parse(JSON.stringify(snapshot)) as BreakerSnapshot;

const fail = (circuit: CircuitBreaker, times = 1): void => {
  for (let time = 0; time < times; time++)
    circuit.permit().failure(new Error("connection refused"));
};

/** A snapshot of an open circuit `afterMs` of its break, and a clock on which it was taken at that wall time. */
const openSnapshot = async (afterMs: number, options?: BreakerOptions) => {
  const { clock, circuit } = make(options);
  fail(circuit, 2);
  await clock.advance(afterMs);
  return throughJson(circuit.snapshot());
};

describe("a snapshot", () => {
  it("holds times relative to when it was taken", async () => {
    expect(await openSnapshot(300)).toMatchObject({
      version: 1,
      takenAtMs: 300,
      state: "open",
      remainingMs: 700,
      breaks: { count: 1, lastMs: 1_000 },
    });
  });

  it("lets an open circuit go on with what remains of its break, and with why it opened", async () => {
    const snapshot = await openSnapshot(300);
    const { clock, circuit } = make();
    clock.jumpWall(500);
    circuit.restore(snapshot);
    expect(circuit.inspect()).toMatchObject({
      state: "open",
      retryAfterMs: 500,
      openedAtMs: -500,
      why: { data: { cause: "restored" } },
    });
    await clock.advance(499);
    expect(circuit.state).toBe("open");
    await clock.advance(1);
    expect(circuit.state).toBe("half-open");
  });

  it("does not take longer than what remains if the wall clock has gone back", async () => {
    const snapshot = await openSnapshot(300);
    const { clock, circuit } = make();
    clock.jumpWall(-5_000);
    circuit.restore(snapshot);
    expect(circuit.inspect().retryAfterMs).toBe(700);
  });

  it("of a break that is over meanwhile lets probes through at once", async () => {
    const snapshot = await openSnapshot(300);
    const { clock, circuit } = make();
    clock.jumpWall(86_400_000);
    circuit.restore(snapshot);
    expect(circuit.state).toBe("half-open");
  });

  it("keeps a break without end", async () => {
    const snapshot = await openSnapshot(300, { openFor: Infinity });
    const { clock, circuit } = make();
    circuit.restore(snapshot);
    await clock.advance(86_400_000);
    expect(circuit.state).toBe("open");
    expect(circuit.inspect().retryAfterMs).toBeUndefined();
  });

  it("of probing begins probing anew: the permits of then are void", async () => {
    const { clock, circuit } = make({ probes: 2 });
    fail(circuit, 2);
    await clock.advance(1_000);
    circuit.permit().success();
    const late = circuit.permit();
    circuit.restore(throughJson(circuit.snapshot()));
    late.failure();
    expect(circuit.inspect()).toMatchObject({
      state: "half-open",
      probes: { passed: 0, pending: 0, needed: 2 },
    });
  });

  it("keeps the breaks that count towards the next", async () => {
    const growing: BreakerOptions = {
      openFor: exponential({ initial: 1_000, jitter: "none" }),
    };
    const { clock, circuit } = make(growing);
    fail(circuit, 2);
    await clock.advance(1_000);
    fail(circuit);
    const after = make(growing);
    after.circuit.restore(throughJson(circuit.snapshot()));
    await after.clock.advance(2_000);
    fail(after.circuit);
    expect(after.circuit.inspect().retryAfterMs).toBe(4_000);
  });

  it("leaves isolations out, and taking it over leaves them as they are", async () => {
    const { circuit } = make();
    circuit.isolate("by me");
    expect(circuit.snapshot().state).toBe("closed");
    circuit.restore(await openSnapshot(0));
    expect(circuit.state).toBe("isolated");
  });

  it("taken over makes results of before late, and tells listeners of a change", async () => {
    const { circuit } = make();
    const late = circuit.permit();
    const seen: unknown[] = [];
    circuit.on((event) => {
      if (event.type === "transition")
        seen.push([event.from, event.to, event.why.data.cause]);
    });
    const snapshot = await openSnapshot(0);
    circuit.restore(snapshot);
    late.success();
    expect(seen).toEqual([["closed", "open", "restored"]]);
    expect(circuit.inspect().counts.successes).toBe(0);
  });

  it("is refused with what is wrong if it is none, and changes nothing then", async () => {
    const good = await openSnapshot(0);
    const { circuit } = make();
    fail(circuit);
    for (const [bad, message] of [
      [null, "a snapshot object"],
      [{ ...good, version: 2 }, "a snapshot of version 1"],
      [{ ...good, takenAtMs: "now" }, "takenAtMs in milliseconds"],
      [{ ...good, state: "isolated" }, "state is closed, open or half-open"],
      [{ ...good, remainingMs: -1 }, "remainingMs in milliseconds or null"],
      [{ ...good, closedForMs: NaN }, "closedForMs in milliseconds"],
      [{ ...good, breaks: undefined }, "breaks.count of at least 0"],
      [{ ...good, breaks: { count: 1, lastMs: -1 } }, "breaks.lastMs"],
      [{ ...good, why: {} }, "why.text"],
    ] as const) {
      expect(() => {
        circuit.restore(bad as never);
      }).toThrow(message);
    }
    expect(circuit.inspect()).toMatchObject({
      state: "closed",
      counts: { failures: 1 },
    });
  });
});

const trips: Record<string, Trip> = {
  consecutive: consecutive(3),
  failureRate: failureRate(0.5, { window: 1_000, minimum: 4 }),
  countRate: countRate(0.5, { last: 8, minimum: 4 }),
  slowRate: slowRate(0.5, { over: 50, window: 1_000, minimum: 4 }),
  anyOf: anyOf(consecutive(4), failureRate(0.6, { window: 1_000, minimum: 5 })),
};

describe("a restored circuit", () => {
  for (const [name, trip] of Object.entries(trips))
    it(`behaves like the one that goes on, with no calls under way: ${name}`, async () => {
      const call = fc.record({
        byMs: fc.constantFrom(0, 10, 60, 100, 400, 1_500),
        tookMs: fc.constantFrom(0, 20, 60),
        verdict: fc.constantFrom("success", "failure", "ignore"),
      });
      const calls = fc.array(call, { maxLength: 25, size: "max" });
      await fc.assert(
        fc.asyncProperty(calls, calls, async (before, after) => {
          const clock = new ManualClock();
          const options: BreakerOptions = {
            trip,
            clock,
            probes: 1,
            openFor: exponential({ initial: 100, max: 800, jitter: "none" }),
          };
          const play = async (
            circuits: readonly CircuitBreaker[],
            steps: typeof before,
          ): Promise<void> => {
            for (const { byMs, tookMs, verdict } of steps) {
              await clock.advance(byMs);
              const permits = circuits.map((each) => each.tryPermit());
              await clock.advance(tookMs);
              for (const permit of permits) permit?.[verdict]();
              const views = circuits.map((each) => {
                const { state, counts, retryAfterMs } = each.inspect();
                return { state, counts, retryAfterMs };
              });
              for (const view of views) expect(view).toEqual(views[0]);
            }
          };
          const one = breaker(options);
          await play([one], before);
          const other = breaker(options);
          other.restore(throughJson(one.snapshot()));
          await play([one, other], after);
        }),
        { numRuns: 300 },
      );
    });
});
