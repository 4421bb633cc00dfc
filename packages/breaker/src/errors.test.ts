import { DpError } from "@dp/core";
import { describe, expect, it } from "vitest";
import {
  breaker,
  defaultClassify,
  failureRate,
  ResilienceError,
  type ResilienceKind,
} from "./index.ts";

describe("a ResilienceError", () => {
  it("has a code for each kind, first in its message, and is retryable", () => {
    const error = new ResilienceError("open", "users", "users is open", {
      retryAfterMs: 5,
      attempts: 2,
    });
    expect(error).toMatchObject({
      name: "ResilienceError",
      code: "DP_BREAKER_OPEN",
      message: "DP_BREAKER_OPEN: users is open",
      kind: "open",
      policy: "users",
      retryAfterMs: 5,
      attempts: 2,
      retryable: true,
    });
    expect("cause" in error).toBe(false);
  });

  it("is known by its brand, to its own class and to DpError", () => {
    const error: unknown = new ResilienceError("full", "a", "b");
    expect(ResilienceError.is(error)).toBe(true);
    expect(DpError.is(error)).toBe(true);
    expect(ResilienceError.is(new Error("other"))).toBe(false);
  });

  it("passes a cause on", () => {
    const cause = new Error("why");
    expect(new ResilienceError("full", "a", "b", { cause }).cause).toBe(cause);
  });
});

describe("the default classify", () => {
  const verdictOf = (error: unknown) =>
    defaultClassify({ ok: false, error, elapsedMs: 0 });

  it("takes any value for a success and any error for a failure", () => {
    const value = new Error("a value");
    expect(defaultClassify({ ok: true, value, elapsedMs: 0 })).toBe("success");
    for (const error of [new Error("x"), "text", undefined, null])
      expect(verdictOf(error)).toBe("failure");
  });

  it("ignores what was refused on this side, but not a timeout", () => {
    const kinds: ResilienceKind[] = [
      "open",
      "isolated",
      "timeout",
      "exhausted",
    ];
    expect(
      kinds.map((kind) => verdictOf(new ResilienceError(kind, "a", "b"))),
    ).toEqual(["ignore", "ignore", "failure", "ignore"]);
  });

  it("passes on what an error says about when to come back, if it makes sense", () => {
    expect(verdictOf({ retryAfterMs: 70 })).toEqual({
      failure: true,
      retryAfterMs: 70,
    });
    for (const retryAfterMs of [-1, NaN, "70"])
      expect(verdictOf({ retryAfterMs })).toBe("failure");
  });
});

describe("breaker options", () => {
  it("are refused out of bounds, naming option, value and bound", () => {
    expect(() => breaker({ probes: 0 })).toThrow(
      "DP_INVALID_OPTION: probes must be an integer of at least 1, got 0",
    );
    expect(() => breaker({ name: "" })).toThrow("name must be a string");
    expect(() => breaker({ openFor: -1 })).toThrow("openFor must be");
    expect(() => breaker({ openFor: {} as never })).toThrow(
      "openFor must be an object with a delayMs method, got an object",
    );
    expect(() => breaker({ probeLease: 0 })).toThrow(
      "probeLease must be a duration of at least 1 ms",
    );
    expect(() => breaker({ trip: failureRate as never })).toThrow(
      "trip must be an object with a create method, got a function",
    );
  });

  it("may all be left out or undefined", () => {
    const circuit = breaker({
      name: undefined,
      trip: undefined,
      openFor: undefined,
      probes: undefined,
      probeLease: undefined,
      classify: undefined,
      clock: undefined,
      random: undefined,
    });
    expect(circuit.inspect()).toMatchObject({
      name: "breaker",
      state: "closed",
      why: {
        data: {
          trip: { failureRate: 0.5, minimum: 20, windowMs: 10_000 },
        },
      },
    });
  });
});
