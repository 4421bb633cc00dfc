import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationMs, type Duration } from "./duration.ts";
import { InvalidOptionError } from "./errors.ts";

const refusal = (value: unknown): unknown => {
  try {
    return durationMs(value as Duration);
  } catch (error) {
    return error;
  }
};

describe("durationMs", () => {
  it.each([
    [0, 0],
    [250, 250],
    [0.25, 0.25],
    [Infinity, Infinity],
    ["0ms", 0],
    ["250ms", 250],
    ["30s", 30_000],
    ["5m", 300_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
    ["1.5s", 1_500],
    ["007s", 7_000],
  ] as const)("reads %j as %d ms", (value, ms) => {
    expect(durationMs(value)).toBe(ms);
  });

  it.each([
    ["1.005s", 1_005],
    ["0.0011s", 1.1],
    ["1.1m", 66_000],
    ["0.07h", 252_000],
  ] as const)(
    "reads the decimals of %j without a rounding error",
    (text, ms) => {
      expect(durationMs(text)).toBe(ms);
    },
  );

  it.each([
    -1,
    -Infinity,
    NaN,
    "",
    " 5s",
    "5s ",
    "5s\n",
    "5 s",
    "5S",
    "5",
    "s",
    "ms",
    "-5s",
    "+5s",
    "1e3s",
    "0x10s",
    "1_000s",
    ".5s",
    "5.s",
    "1.2.3s",
    "5w",
    "1m30s",
    "Infinitys",
    "NaNs",
    "٣s",
    "9".repeat(400) + "s",
    undefined,
    null,
    true,
    5n,
    {},
    ["5s"],
  ])("refuses %o", (value) => {
    const error = refusal(value);
    expect(InvalidOptionError.is(error)).toBe(true);
    expect(error).toMatchObject({ option: "duration", value });
  });

  it("names the option it was asked for", () => {
    expect(() => durationMs(-1, "openFor")).toThrow(
      "DP_INVALID_OPTION: openFor must be milliseconds of at least 0, or a number with a unit like '250ms', '30s', '5m', '2h', '1d', got -1",
    );
  });

  it("reads every whole number of a unit as that many of the unit", () => {
    const unitMs = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 } as const;
    const unit = fc.constantFrom("ms", "s", "m", "h", "d");
    fc.assert(
      fc.property(fc.nat(), unit, (count, name) => {
        expect(durationMs(`${count}${name}`)).toBe(count * unitMs[name]);
      }),
    );
  });

  it("gives a time or an InvalidOptionError for any text", () => {
    const nearly = fc.stringMatching(/^[-+]?[0-9.e ]{0,8}(ms|s|m|h|d|x)?$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (text) => {
        const result = refusal(text);
        expect(
          InvalidOptionError.is(result) ||
            (typeof result === "number" &&
              result >= 0 &&
              Number.isFinite(result)),
        ).toBe(true);
      }),
    );
  });
});
