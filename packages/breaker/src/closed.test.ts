import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  breaker,
  consecutive,
  failureRate,
  type BreakerOptions,
  type CircuitBreaker,
  type Trip,
} from "./index.ts";

const make = (options: BreakerOptions = {}): [CircuitBreaker, ManualClock] => {
  const clock = new ManualClock();
  return [breaker({ clock, ...options }), clock];
};

const fail = (circuit: CircuitBreaker, times = 1): void => {
  for (let time = 0; time < times; time++)
    circuit.permit().failure(new Error("connection refused"));
};

const succeed = (circuit: CircuitBreaker, times = 1): void => {
  for (let time = 0; time < times; time++) circuit.permit().success();
};

describe("a closed circuit", () => {
  it("is where a breaker starts", () => {
    const [circuit] = make();
    expect(circuit.state).toBe("closed");
    expect(circuit.inspect()).toMatchObject({
      name: "breaker",
      state: "closed",
      counts: { total: 0, successes: 0, failures: 0 },
      failureRate: 0,
      why: { data: { cause: "counts" } },
    });
  });

  it("opens by default when half of at least twenty calls failed within ten seconds", () => {
    const [circuit] = make();
    fail(circuit, 9);
    succeed(circuit, 10);
    expect(circuit.state).toBe("closed");
    fail(circuit);
    expect(circuit.state).toBe("open");
  });

  it("stays closed by default below twenty calls", () => {
    const [circuit] = make();
    fail(circuit, 19);
    expect(circuit.state).toBe("closed");
  });

  it("opens on the failure that reaches the threshold", () => {
    const [circuit] = make({ trip: consecutive(3) });
    fail(circuit, 2);
    expect(circuit.state).toBe("closed");
    fail(circuit);
    expect(circuit.state).toBe("open");
  });

  it("counts no call that is ignored, refused or still under way", () => {
    const [circuit] = make({
      trip: failureRate(0.5, { window: 1_000, minimum: 2 }),
    });
    circuit.permit();
    circuit.permit().ignore();
    {
      using permit = circuit.permit();
      expect(permit).toBeDefined();
    }
    expect(circuit.inspect().counts.total).toBe(0);
  });

  it("settles a permit once: the first result counts", () => {
    const [circuit] = make({ trip: consecutive(1) });
    const permit = circuit.permit();
    permit.success();
    permit.failure();
    permit[Symbol.dispose]();
    expect(circuit.state).toBe("closed");
    expect(circuit.inspect().counts).toEqual({
      total: 1,
      successes: 1,
      failures: 0,
    });
  });

  it("judges the failure rate after a success too", () => {
    const [circuit] = make({
      trip: failureRate(0.5, { window: 1_000, minimum: 4 }),
    });
    fail(circuit, 3);
    expect(circuit.state).toBe("closed");
    succeed(circuit);
    expect(circuit.state).toBe("open");
  });

  it("forgets results that have left the window", async () => {
    const [circuit, clock] = make({
      trip: failureRate(0.5, { window: 1_000, minimum: 4 }),
    });
    fail(circuit, 3);
    await clock.advance(1_000);
    fail(circuit, 3);
    expect(circuit.state).toBe("closed");
    expect(circuit.inspect().counts.failures).toBe(3);
  });

  it("does not trip on one failure after an hour of silence", async () => {
    const [circuit, clock] = make({
      trip: failureRate(0.5, { window: "30s", minimum: 5 }),
    });
    fail(circuit, 4);
    await clock.advance(3_600_000);
    fail(circuit);
    expect(circuit.state).toBe("closed");
    expect(circuit.inspect().counts.total).toBe(1);
  });

  it("trips while the clock stands still", () => {
    const [circuit] = make();
    fail(circuit, 20);
    expect(circuit.state).toBe("open");
  });

  it("says what was counted and what would open it", () => {
    const [circuit] = make({
      trip: failureRate(0.5, { window: "10s", minimum: 20 }),
    });
    fail(circuit);
    succeed(circuit, 3);
    expect(circuit.inspect()).toMatchObject({
      failureRate: 0.25,
      why: {
        text: "1 of 4 calls failed; opens at 50 % failures among at least 20 results in 10000 ms",
        data: {
          cause: "counts",
          counts: { total: 4, successes: 3, failures: 1 },
          trip: { failureRate: 0.5, minimum: 20, windowMs: 10_000 },
        },
      },
    });
  });

  it("does not look at the clock for a trip that reads no time", () => {
    const clock = new ManualClock();
    const circuit = breaker({ trip: consecutive(5), clock });
    let reads = 0;
    clock.now = () => {
      reads++;
      return 0;
    };
    succeed(circuit, 10);
    expect(reads).toBe(0);
  });

  it("tells a trip that reads it how long a call took", async () => {
    const seen: number[][] = [];
    const record = (now: number, elapsedMs: number): boolean => {
      seen.push([now, elapsedMs]);
      return false;
    };
    const trip: Trip = {
      create: () => ({
        success: record,
        failure: record,
        reset: () => undefined,
        counts: () => ({ total: 0, successes: 0, failures: 0 }),
      }),
    };
    const [circuit, clock] = make({ trip });
    await clock.advance(50);
    const permit = circuit.permit();
    await clock.advance(25);
    permit.success();
    expect(seen).toEqual([[75, 25]]);
    expect(circuit.inspect().why.text).toBe(
      "0 of 0 calls failed; opens at what its trip says",
    );
  });
});
