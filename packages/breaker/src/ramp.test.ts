import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  breaker,
  consecutive,
  ResilienceError,
  type BreakerOptions,
} from "./index.ts";

/** A circuit that its probe has just closed, and that lets calls in little by little for ten seconds. */
const recovered = async (options: BreakerOptions = {}) => {
  const clock = new ManualClock();
  const circuit = breaker({
    name: "payments",
    trip: consecutive(2),
    openFor: "1s",
    probes: 1,
    ramp: { over: "10s" },
    clock,
    ...options,
  });
  circuit.permit().failure();
  circuit.permit().failure();
  await clock.advance(1_000);
  circuit.permit().success();
  return { clock, circuit };
};

describe("a ramp", () => {
  it("lets exactly a tenth of calls through at first, and as much more as time has passed", async () => {
    for (const [afterMs, passed] of [
      [0, 100],
      [1_000, 190],
      [5_000, 550],
      [9_000, 910],
      [10_000, 1_000],
    ] as const) {
      const { circuit, clock } = await recovered();
      await clock.advance(afterMs);
      let through = 0;
      for (let call = 0; call < 1_000; call++) {
        const permit = circuit.tryPermit();
        permit?.success();
        if (permit !== undefined) through++;
      }
      expect(Math.abs(through - passed)).toBeLessThanOrEqual(1);
    }
  });

  it("refuses the rest as open, and says how it stands and when it will be over", async () => {
    const { circuit, clock } = await recovered();
    await clock.advance(2_500);
    expect(circuit.inspect()).toMatchObject({
      state: "closed",
      passing: 0.325,
      retryAfterMs: 7_500,
    });
    const error: unknown = await circuit.run(() => 1).catch((e: unknown) => e);
    if (!ResilienceError.is(error)) throw new Error("it was not refused");
    expect(error).toMatchObject({ kind: "open", retryAfterMs: 7_500 });
    expect(error.message).toBe(
      "DP_BREAKER_OPEN: payments is recovering and lets 32 % of calls through, try again in 7500 ms",
    );
  });

  it("counts the calls it lets through, and ends when they trip the circuit", async () => {
    const { circuit, clock } = await recovered();
    await clock.advance(5_000);
    for (let call = 0; call < 4; call++) circuit.tryPermit()?.failure();
    expect(circuit.state).toBe("open");
    expect(circuit.inspect().passing).toBeUndefined();
  });

  it("ends with a reset", async () => {
    const { circuit } = await recovered();
    circuit.reset();
    expect(circuit.inspect().passing).toBeUndefined();
    for (let call = 0; call < 100; call++)
      expect(circuit.tryPermit()).toBeDefined();
  });

  it("is only for a circuit that was open: one that begins lets all calls through", () => {
    const circuit = breaker({ ramp: { over: "10s" } });
    for (let call = 0; call < 100; call++)
      expect(circuit.tryPermit()).toBeDefined();
  });

  it("needs no timer", async () => {
    const { clock } = await recovered();
    expect(clock.pending).toBe(0);
  });

  it("needs a duration of at least a millisecond", () => {
    expect(() => breaker({ ramp: { over: 0 } })).toThrow(
      "ramp.over must be a duration of at least 1 ms, got 0",
    );
  });
});
