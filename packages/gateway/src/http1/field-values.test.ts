import { describe, expect, it } from "vitest";
import {
  byteClasses,
  equalsIgnoringCase,
  HEX,
  TARGET,
  TOKEN,
  VALUE,
} from "./bytes.ts";
import { declaredLength, joinValues } from "./field-values.ts";

describe("a declared length", () => {
  it("is decimal digits, at most fifteen, and nothing else", () => {
    const read = (text: string): number =>
      declaredLength(`: ${text}\r\n`, 2, 2 + text.length);
    expect(read("0")).toBe(0);
    expect(read("007")).toBe(7);
    expect(read("999999999999999")).toBe(999_999_999_999_999);
    for (const text of [
      "",
      "1000000000000000",
      "-1",
      "+1",
      "1 ",
      "1a",
      "1,1",
      "\xb2",
      "1.0",
    ])
      expect(read(text), text).toBe(-1);
  });
});

it("values of several lines are joined by a comma", () => {
  expect(joinValues("", "a")).toBe("a");
  expect(joinValues("a", "b")).toBe("a, b");
});

it("letters and no other bytes are equal in either case", () => {
  expect(equalsIgnoringCase("xTE-9y", 1, 5, "te-9")).toBe(true);
  expect(equalsIgnoringCase("te", 0, 2, "tea")).toBe(false);
  // Bytes that differ from a lower-case one by the bit that tells the cases apart.
  expect(equalsIgnoringCase("@", 0, 1, "`")).toBe(false);
  expect(equalsIgnoringCase("\x0d", 0, 1, "-")).toBe(false);
  expect(equalsIgnoringCase("[", 0, 1, "{")).toBe(false);
});

it("every byte is in the classes that RFC 9110 and 9112 put it in", () => {
  for (let code = 0; code < 256; code++) {
    const char = String.fromCharCode(code);
    const bits = byteClasses[code]!;
    expect((bits & TOKEN) !== 0).toBe(/[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(char));
    expect((bits & VALUE) !== 0).toBe(/[\t\x20-\x7e\x80-\xff]/.test(char));
    expect((bits & TARGET) !== 0).toBe(/[\x21-\x7e]/.test(char));
    expect((bits & HEX) !== 0).toBe(/[0-9a-fA-F]/.test(char));
  }
});
