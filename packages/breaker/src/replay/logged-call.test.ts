import { describe, expect, it } from "vitest";
import { parseLoggedCall } from "./logged-call.ts";

describe("a line of a log", () => {
  it("is a call, whatever else stands in it", () => {
    expect(
      parseLoggedCall(
        '{"atMs":1.5,"durationMs":0,"outcome":"failure","url":"/a","__proto__":1}',
        7,
      ),
    ).toEqual({ atMs: 1.5, durationMs: 0, outcome: "failure", line: 7 });
  });

  it.each([
    [
      '{"atMs":1,',
      'line 7: must be a JSON object like {"atMs":0,"durationMs":12,"outcome":"success"}, got "{\\"atMs\\":1,"',
    ],
    ["[]", 'got "[]"'],
    ["null", 'got "null"'],
    ["x".repeat(1_000), `got "${"x".repeat(80)}…"`],
    [
      "{}",
      "line 7: atMs must be a number from 0 to 8640000000000000, got undefined",
    ],
    [
      '{"atMs":-1,"durationMs":0,"outcome":"success"}',
      "atMs must be a number from 0 to 8640000000000000, got -1",
    ],
    [
      '{"atMs":"1","durationMs":0,"outcome":"success"}',
      'atMs must be a number from 0 to 8640000000000000, got "1"',
    ],
    [
      '{"atMs":1,"durationMs":-0.1,"outcome":"success"}',
      "line 7: durationMs must be a number from 0 to 8639999999999999, got -0.1",
    ],
    [
      '{"atMs":1,"durationMs":1e999,"outcome":"success"}',
      "durationMs must be a number from 0 to 8639999999999999, got Infinity",
    ],
    [
      '{"atMs":1,"durationMs":0,"outcome":"ok"}',
      "line 7: outcome must be one of 'success', 'failure', got \"ok\"",
    ],
  ])("is refused with what is wrong: %s", (text, reason) => {
    expect(() => parseLoggedCall(text, 7)).toThrow(reason);
  });
});
