import { seededRandom } from "@dp/core";
import { describe, expect, it } from "vitest";
import { Lane } from "./lane.ts";

describe("a breaker that meets a log", () => {
  it("refuses more than a million calls under way at one moment, which would take all memory", () => {
    const lane = new Lane({ name: "any" }, 0, seededRandom(1));
    const begin = (line: number): void =>
      lane.begin({ line, atMs: 0, durationMs: 1_000, outcome: "success" });
    for (let line = 1; line <= 1_000_000; line++) begin(line);
    expect(() => begin(1_000_001)).toThrow(
      "line 1000001: must not begin while 1000000 calls are under way: is durationMs in milliseconds?",
    );
  });
});
