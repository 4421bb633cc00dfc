import { describe, expect, it } from "vitest";
import type { Duration } from "./duration.ts";
import { InvalidOptionError } from "./errors.ts";
import {
  requireDuration,
  requireInteger,
  requireNumber,
  requireOneOf,
  requireText,
} from "./require.ts";

const bound = (check: () => unknown): string | undefined => {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!InvalidOptionError.is(error)) throw error;
    expect(error.option).toBe("size");
    return error.bound;
  }
};

describe("requireInteger", () => {
  it("gives back an integer in the bounds, both included", () => {
    expect(requireInteger("size", 1, 1, 3)).toBe(1);
    expect(requireInteger("size", 3, 1, 3)).toBe(3);
    expect(requireInteger("size", 0)).toBe(0);
    expect(requireInteger("size", Number.MAX_SAFE_INTEGER)).toBe(2 ** 53 - 1);
  });

  it.each([0, 4, 1.5, NaN, Infinity, "2", 2n, undefined, null])(
    "refuses %o outside 1 to 3",
    (value) => {
      expect(bound(() => requireInteger("size", value, 1, 3))).toBe(
        "an integer from 1 to 3",
      );
    },
  );

  it("refuses an integer that a number cannot hold exactly", () => {
    expect(bound(() => requireInteger("size", 2 ** 53))).toBe(
      "an integer of at least 0",
    );
  });
});

describe("requireNumber", () => {
  it("gives back a number in the bounds, both included", () => {
    expect(requireNumber("size", 0, 0, 1)).toBe(0);
    expect(requireNumber("size", 0.5, 0, 1)).toBe(0.5);
    expect(requireNumber("size", 1, 0, 1)).toBe(1);
    expect(requireNumber("size", Infinity, 0)).toBe(Infinity);
  });

  it.each([-0.1, 1.1, NaN, "1", undefined])(
    "refuses %o outside 0 to 1",
    (value) => {
      expect(bound(() => requireNumber("size", value, 0, 1))).toBe(
        "a number from 0 to 1",
      );
    },
  );

  it("names only the lower bound when there is no upper one", () => {
    expect(bound(() => requireNumber("size", 0, 1))).toBe(
      "a number of at least 1",
    );
  });
});

describe("requireDuration", () => {
  it("gives back milliseconds in the bounds, both included", () => {
    expect(requireDuration("size", "1s", 1_000, 2_000)).toBe(1_000);
    expect(requireDuration("size", "2s", 1_000, 2_000)).toBe(2_000);
    expect(requireDuration("size", 5)).toBe(5);
  });

  it("refuses a duration outside the bounds", () => {
    expect(bound(() => requireDuration("size", "3s", 1, 2_000))).toBe(
      "a duration of 1 to 2000 ms",
    );
    expect(bound(() => requireDuration("size", 0, 1))).toBe(
      "a duration of at least 1 ms",
    );
  });

  it("refuses what is no duration, naming the option", () => {
    expect(bound(() => requireDuration("size", "soon" as Duration))).toMatch(
      /^milliseconds/,
    );
  });
});

describe("requireText", () => {
  it("gives back a string that is not empty", () => {
    expect(requireText("size", " ")).toBe(" ");
  });

  it.each(["", 1, null, undefined, ["a"]])("refuses %o", (value) => {
    expect(bound(() => requireText("size", value))).toBe(
      "a string that is not empty",
    );
  });
});

describe("requireOneOf", () => {
  it("gives back one of the allowed words", () => {
    expect(requireOneOf("size", "small", ["small", "large"])).toBe("small");
  });

  it.each(["Small", "", undefined, 1])(
    "refuses %o, naming the words",
    (value) => {
      expect(bound(() => requireOneOf("size", value, ["small", "large"]))).toBe(
        "one of 'small', 'large'",
      );
    },
  );
});
