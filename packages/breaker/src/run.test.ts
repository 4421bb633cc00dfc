import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  breaker,
  consecutive,
  ResilienceError,
  type BreakerOptions,
  type Outcome,
} from "./index.ts";

const make = (options: BreakerOptions = {}) => {
  const clock = new ManualClock();
  const circuit = breaker({ trip: consecutive(1), clock, ...options });
  return { circuit, clock };
};

describe("running a call through a breaker", () => {
  it("hands the value on, whether the call is synchronous or not", async () => {
    const { circuit } = make();
    await expect(circuit.run(() => 1)).resolves.toBe(1);
    await expect(circuit.run(() => Promise.resolve(2))).resolves.toBe(2);
    await expect(circuit.run(() => undefined)).resolves.toBeUndefined();
    await expect(
      circuit.run(() => ({
        then: (resolve?: ((value: number) => unknown) | null) =>
          resolve?.(3) as never,
      })),
    ).resolves.toBe(3);
    expect(circuit.state).toBe("closed");
  });

  it("hands the operation's own error on and counts it", async () => {
    const { circuit } = make();
    const error = new Error("connection refused");
    await expect(circuit.run(() => Promise.reject(error))).rejects.toBe(error);
    expect(circuit.state).toBe("open");
  });

  it("treats a call that throws at once like one that rejects", async () => {
    const { circuit } = make();
    const running = circuit.run(() => {
      throw new Error("at once");
    });
    await expect(running).rejects.toThrow("at once");
    expect(circuit.state).toBe("open");
  });

  it("gives the call a context in which nothing limits it", async () => {
    const { circuit } = make();
    await circuit.run((context) => {
      expect(context).toMatchObject({ attempt: 1, deadlineMs: Infinity });
      expect(context.remainingMs()).toBe(Infinity);
      expect(context.signal.aborted).toBe(false);
      expect(context.signal).toBe(context.signal);
    });
  });

  it("gives every call a signal of its own", async () => {
    const { circuit } = make();
    const signals = await Promise.all([
      circuit.run((context) => context.signal),
      circuit.run((context) => context.signal),
    ]);
    expect(signals[0]).not.toBe(signals[1]);
  });

  it("asks its classify, with the time the call took", async () => {
    const outcomes: Outcome[] = [];
    const { circuit, clock } = make({
      classify: (outcome) => {
        outcomes.push(outcome);
        return outcome.ok && outcome.value === 503 ? "failure" : "success";
      },
    });
    const slow = circuit.run(() => clock.sleep(20).then(() => 200));
    await clock.advance(20);
    await slow;
    expect(circuit.state).toBe("closed");
    await expect(circuit.run(() => 503)).resolves.toBe(503);
    expect(circuit.state).toBe("open");
    expect(outcomes).toEqual([
      { ok: true, value: 200, elapsedMs: 20 },
      { ok: true, value: 503, elapsedMs: 0 },
    ]);
  });

  it("does not count an outcome that is judged 'ignore'", async () => {
    const { circuit } = make({
      classify: (outcome) => (outcome.ok ? "success" : "ignore"),
    });
    await expect(
      circuit.run(() => Promise.reject(new Error("404"))),
    ).rejects.toThrow("404");
    expect(circuit.inspect().counts.total).toBe(0);
  });

  it("counts a failure that asks for a pause as a failure", async () => {
    const { circuit } = make({
      classify: () => ({ failure: true, retryAfterMs: 100 }),
    });
    await circuit.run(() => 429);
    expect(circuit.state).toBe("open");
  });

  it("gives a probe's place back when classify itself throws", async () => {
    let broken = false;
    const { circuit, clock } = make({
      probes: 1,
      classify: () => {
        if (broken) throw new Error("a bug in classify");
        return "failure";
      },
    });
    await circuit.run(() => 1);
    await clock.advance(5_000);
    broken = true;
    await expect(circuit.run(() => 1)).rejects.toThrow("a bug in classify");
    expect(circuit.inspect()).toMatchObject({
      state: "half-open",
      probes: { pending: 0 },
    });
  });

  it("does not count it as a failure that a circuit further in refused", async () => {
    const { circuit: inner } = make({ name: "inner" });
    const { circuit: outer } = make({ name: "outer" });
    inner.permit().failure();
    const refused = outer.run(() => inner.run(() => 1));
    await expect(refused).rejects.toMatchObject({ policy: "inner" });
    expect(outer.inspect().counts.total).toBe(0);
  });

  it("counts a timeout further in as a failure", async () => {
    const { circuit } = make();
    const late = new ResilienceError("timeout", "timeout", "too late");
    await circuit.run(() => Promise.reject(late)).catch(() => null);
    expect(circuit.state).toBe("open");
  });
});

describe("a breaker's metrics", () => {
  it("count calls by outcome, show the state and count transitions", async () => {
    const { circuit } = make({ name: "users", trip: consecutive(2) });
    const late = circuit.permit();
    await circuit.run(() => 1);
    circuit.permit().ignore();
    circuit.permit().failure();
    circuit.permit().failure();
    circuit.tryPermit();
    late.success();
    const lines = [...circuit.metrics()].flatMap((family) =>
      [...family.samples].map(
        ({ labels, value }) =>
          `${family.name} ${Object.values(labels).join(" ")} ${value}`,
      ),
    );
    expect(lines).toEqual([
      "dp_breaker_calls_total users success 1",
      "dp_breaker_calls_total users failure 2",
      "dp_breaker_calls_total users ignore 1",
      "dp_breaker_calls_total users late 1",
      "dp_breaker_calls_total users refused 1",
      "dp_breaker_state users closed 0",
      "dp_breaker_state users open 1",
      "dp_breaker_state users half-open 0",
      "dp_breaker_state users isolated 0",
      "dp_breaker_transitions_total users closed 0",
      "dp_breaker_transitions_total users open 1",
      "dp_breaker_transitions_total users half-open 0",
      "dp_breaker_transitions_total users isolated 0",
    ]);
  });
});
