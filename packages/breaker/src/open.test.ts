import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  breaker,
  consecutive,
  exponential,
  ResilienceError,
  type BreakerOptions,
  type CircuitBreaker,
} from "./index.ts";

/** A circuit that has just opened, with one call of before still under way. */
const opened = (options: BreakerOptions = {}) => {
  const clock = new ManualClock();
  const circuit = breaker({
    name: "payments",
    trip: consecutive(1),
    clock,
    ...options,
  });
  const late = circuit.permit();
  circuit.permit().failure(new Error("connection refused"));
  return { clock, circuit, late };
};

const thrown = (action: () => unknown): ResilienceError => {
  try {
    action();
  } catch (error) {
    if (ResilienceError.is(error)) return error;
  }
  throw new Error("no ResilienceError was thrown");
};

const failProbe = (circuit: CircuitBreaker): void => {
  circuit.permit().failure();
};

describe("an open circuit", () => {
  it("refuses a call without making it", async () => {
    const { circuit } = opened();
    let called = false;
    await expect(
      circuit.run(() => {
        called = true;
      }),
    ).rejects.toMatchObject({
      name: "ResilienceError",
      code: "DP_BREAKER_OPEN",
      kind: "open",
      policy: "payments",
      retryAfterMs: 5_000,
      retryable: true,
    });
    expect(called).toBe(false);
  });

  it("refuses permits: tryPermit gives none, permit throws", async () => {
    const { circuit, clock } = opened();
    await clock.advance(800);
    expect(circuit.tryPermit()).toBeUndefined();
    const error = thrown(() => circuit.permit());
    expect(error.message).toBe(
      "DP_BREAKER_OPEN: payments is open, try again in 4200 ms",
    );
    expect(error.retryAfterMs).toBe(4_200);
  });

  it("makes a new error for every refusal, without a stack and without a trace left on others", () => {
    const { circuit } = opened();
    const first = thrown(() => circuit.permit());
    expect(thrown(() => circuit.permit())).not.toBe(first);
    expect(first.stack).not.toContain("\n    at ");
    expect(new Error("other").stack).toContain("\n    at ");
  });

  it("says why in words and data, and keeps the message of the last error only", () => {
    const { circuit } = opened();
    expect(circuit.inspect()).toMatchObject({
      state: "open",
      openedAtMs: 0,
      retryAfterMs: 5_000,
      why: {
        text: "1 of 1 calls failed, which reaches 1 failures in a row; open for 5000 ms (last error: connection refused)",
        data: {
          cause: "tripped",
          counts: { total: 1, successes: 0, failures: 1 },
          trip: { consecutive: 1 },
          openForMs: 5_000,
          lastError: "connection refused",
        },
      },
    });
    expect(JSON.parse(JSON.stringify(circuit.inspect().why.data))).toEqual(
      circuit.inspect().why.data,
    );
  });

  it("is not changed by results of calls that began before it opened", async () => {
    const { circuit, late, clock } = opened();
    await clock.advance(1_000);
    late.failure();
    expect(circuit.inspect()).toMatchObject({
      state: "open",
      openedAtMs: 0,
      retryAfterMs: 4_000,
      counts: { total: 1 },
    });
  });

  it("turns half-open when the break is over, not a moment before", async () => {
    const { circuit, clock } = opened({ openFor: "2s" });
    await clock.advance(1_999);
    expect(circuit.state).toBe("open");
    await clock.advance(1);
    expect(circuit.state).toBe("half-open");
  });

  it("turns half-open after a jump of days", async () => {
    const { circuit, clock } = opened();
    await clock.advance(9 * 86_400_000);
    expect(circuit.tryPermit()).toBeDefined();
    expect(circuit.state).toBe("half-open");
  });

  it("needs no timer for that", () => {
    const { clock } = opened();
    expect(clock.pending).toBe(0);
  });

  const growing: BreakerOptions = {
    openFor: exponential({ initial: 1_000, max: 4_000, jitter: "none" }),
    probes: 1,
  };

  /** Through breaks of 1, 2, 4 and 4 seconds, then closed. */
  const flapping = async () => {
    const { circuit, clock } = opened(growing);
    for (const breakMs of [1_000, 2_000, 4_000]) {
      expect(circuit.inspect().retryAfterMs).toBe(breakMs);
      await clock.advance(breakMs);
      failProbe(circuit);
    }
    expect(circuit.inspect().retryAfterMs).toBe(4_000);
    await clock.advance(4_000);
    circuit.permit().success();
    expect(circuit.state).toBe("closed");
    return { circuit, clock };
  };

  it("stays open longer after every failed probe, and keeps the long breaks if it opens at once again", async () => {
    const { circuit } = await flapping();
    circuit.permit().failure();
    expect(circuit.inspect().retryAfterMs).toBe(4_000);
  });

  it("forgets one break for every time it stays closed as long as the last one lasted", async () => {
    for (const [closedForMs, breakMs] of [
      [7_999, 4_000],
      [8_000, 4_000],
      [12_000, 2_000],
      [16_000, 1_000],
      [9e9, 1_000],
    ] as const) {
      const { circuit, clock } = await flapping();
      await clock.advance(closedForMs);
      circuit.permit().failure();
      expect(circuit.inspect().retryAfterMs).toBe(breakMs);
    }
  });

  it("begins with the shortest break again after a reset", async () => {
    const { circuit } = await flapping();
    circuit.reset();
    circuit.permit().failure();
    expect(circuit.inspect().retryAfterMs).toBe(1_000);
  });

  it("draws the jitter of its break from the injected random", () => {
    const { circuit } = opened({
      openFor: exponential({ initial: 1_000, jitter: "full" }),
      random: () => 0.25,
    });
    expect(circuit.inspect().retryAfterMs).toBe(250);
  });

  it("takes a break that is no number of at least 0 for none", () => {
    for (const delay of [NaN, -5]) {
      const { circuit } = opened({ openFor: { delayMs: () => delay } });
      expect(circuit.state).toBe("half-open");
    }
  });

  it("stays open for ever when told to, until it is reset", async () => {
    const { circuit, clock } = opened({ openFor: Infinity });
    await clock.advance(1_000 * 86_400_000);
    expect(circuit.state).toBe("open");
    expect(circuit.inspect().retryAfterMs).toBeUndefined();
    expect(thrown(() => circuit.permit()).message).toBe(
      "DP_BREAKER_OPEN: payments is open",
    );
    circuit.reset();
    expect(circuit.state).toBe("closed");
  });
});
