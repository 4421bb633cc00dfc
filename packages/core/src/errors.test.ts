import { describe, expect, it, vi } from "vitest";
import type * as Errors from "./errors.ts";
import { DpError, InvalidOptionError } from "./errors.ts";

class LimitError extends DpError {
  static override readonly brand: symbol = Symbol.for("test.LimitError");
  constructor() {
    super("DP_LIMIT", "too much", { retryable: true });
  }
}
class KeyLimitError extends LimitError {
  static override readonly brand: symbol = Symbol.for("test.KeyLimitError");
}
class UnbrandedError extends DpError {
  constructor() {
    super("DP_UNBRANDED", "no brand of its own");
  }
}

const otherCopy = async (): Promise<typeof Errors> => {
  vi.resetModules();
  return import("./errors.ts");
};

describe("DpError", () => {
  it("starts its message with its code", () => {
    const error = new LimitError();
    expect(error.message).toBe("DP_LIMIT: too much");
    expect(error.code).toBe("DP_LIMIT");
  });

  it("is named after its class in text and stack", () => {
    const error = new LimitError();
    expect(String(error)).toBe("LimitError: DP_LIMIT: too much");
    expect(error.stack).toMatch(/^LimitError: DP_LIMIT: too much\n/);
  });

  it("is not retryable unless it says so", () => {
    expect(new LimitError().retryable).toBe(true);
    expect(new DpError("DP_X", "x").retryable).toBe(false);
  });

  it("passes its cause on", () => {
    const cause = new Error("below");
    expect(new DpError("DP_X", "x", { cause }).cause).toBe(cause);
  });

  it("has no cause when none was given", () => {
    expect(Object.hasOwn(new DpError("DP_X", "x"), "cause")).toBe(false);
  });

  it("shows its code and no brand when listed or serialized", () => {
    const error = new LimitError();
    expect(Object.keys(error).sort()).toEqual(["code", "retryable"]);
    expect(Object.getOwnPropertySymbols(error)).toEqual([]);
  });
});

describe("DpError.is", () => {
  it("knows a class and all its parents", () => {
    const error = new KeyLimitError();
    expect(KeyLimitError.is(error)).toBe(true);
    expect(LimitError.is(error)).toBe(true);
    expect(DpError.is(error)).toBe(true);
  });

  it("does not take a parent or a sibling for the class", () => {
    expect(KeyLimitError.is(new LimitError())).toBe(false);
    expect(InvalidOptionError.is(new LimitError())).toBe(false);
    expect(LimitError.is(new InvalidOptionError("a", 1, "b"))).toBe(false);
  });

  it("knows a class without a brand of its own by its class object", () => {
    expect(UnbrandedError.is(new UnbrandedError())).toBe(true);
    expect(UnbrandedError.is(new LimitError())).toBe(false);
    expect(DpError.is(new UnbrandedError())).toBe(true);
  });

  it.each([
    undefined,
    null,
    "DP_X",
    1,
    {},
    new Error("DP_LIMIT: too much"),
    { code: "DP_LIMIT", name: "LimitError", message: "DP_LIMIT: too much" },
  ])("says no to %o", (value) => {
    expect(DpError.is(value)).toBe(false);
    expect(UnbrandedError.is(value)).toBe(false);
  });

  it("agrees with another copy of the package in both directions", async () => {
    const copy = await otherCopy();
    const theirs = new copy.InvalidOptionError("limit", 0, "at least 1");
    const ours = new InvalidOptionError("limit", 0, "at least 1");

    expect(theirs).not.toBeInstanceOf(InvalidOptionError);
    expect(InvalidOptionError.is(theirs)).toBe(true);
    expect(DpError.is(theirs)).toBe(true);
    expect(copy.InvalidOptionError.is(ours)).toBe(true);
    expect(copy.DpError.is(ours)).toBe(true);
    expect(copy.InvalidOptionError.is(new LimitError())).toBe(false);
  });

  it("knows a subclass built on another copy of the parent", async () => {
    const copy = await otherCopy();
    class TheirLimitError extends copy.DpError {
      static override readonly brand: symbol = LimitError.brand;
    }
    const theirs = new TheirLimitError("DP_LIMIT", "too much");
    expect(LimitError.is(theirs)).toBe(true);
    expect(KeyLimitError.is(theirs)).toBe(false);
  });

  it("narrows the type to the class", () => {
    const value: unknown = new InvalidOptionError("limit", 0, "at least 1");
    expect(InvalidOptionError.is(value) ? value.option : "no").toBe("limit");
  });
});

describe("InvalidOptionError", () => {
  it("names the option, the value and the bound", () => {
    const error = new InvalidOptionError("max", 0, "an integer of at least 1");
    expect(error.message).toBe(
      "DP_INVALID_OPTION: max must be an integer of at least 1, got 0",
    );
    expect(error).toMatchObject({
      code: "DP_INVALID_OPTION",
      option: "max",
      value: 0,
      bound: "an integer of at least 1",
      retryable: false,
    });
  });

  it.each([
    ["a\n", String.raw`"a\n"`],
    ["", '""'],
    ["x".repeat(100), `"${"x".repeat(80)}…"`],
    [NaN, "NaN"],
    [-0.5, "-0.5"],
    [12n, "12n"],
    [undefined, "undefined"],
    [null, "null"],
    [false, "false"],
    [Symbol("s"), "Symbol(s)"],
    [() => 1, "a function"],
    [[1, 2], "an array of 2"],
    [{ secret: 1 }, "an object"],
  ])("describes %o in one line", (value, text) => {
    expect(new InvalidOptionError("o", value, "b").message).toBe(
      `DP_INVALID_OPTION: o must be b, got ${text}`,
    );
  });
});
