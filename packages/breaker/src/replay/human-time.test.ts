import { describe, expect, it } from "vitest";
import {
  labelOf,
  lengthText,
  momentText,
  precisionOf,
  shareText,
} from "./human-time.ts";

const atMs = Date.UTC(2026, 10, 27, 15, 37, 17, 120);

describe("times for people", () => {
  it("are dates in Unix time, and clocks that started at 0 otherwise", () => {
    expect(momentText(atMs)).toBe("2026-11-27T15:37:17.120Z");
    expect(momentText(0)).toBe("0:00:00.000");
    expect(momentText(90 * 3_600_000 + 61_005.5)).toBe("90:01:01.005");
  });

  it("are labelled no more exactly than their distance asks for", () => {
    const labels = [86_400_000, 7_200_000, 600_000, 5_000, 250].map((stepMs) =>
      labelOf(atMs, precisionOf(stepMs)),
    );
    expect(labels).toEqual([
      "2026-11-27",
      "11-27 15:37",
      "15:37",
      "15:37:17",
      "15:37:17.120",
    ]);
    expect(labelOf(61_500, "second")).toBe("0:01:01");
    expect(labelOf(61_500, "millisecond")).toBe("0:01:01.500");
  });

  it.each([
    [0, "0 ms"],
    [12.34, "12.3 ms"],
    [999.99, "1000 ms"],
    [1_000, "1 s"],
    [12_540, "12.5 s"],
    [60_000, "1 min"],
    [243_999, "4 min 3 s"],
    [7_500_000, "2 h 5 min"],
    [86_400_000 * 3 + 3_600_000 * 4, "3 d 4 h"],
  ])("tell a length of %d ms by its largest units", (ms, text) => {
    expect(lengthText(ms)).toBe(text);
  });

  it("tell a share as nothing or all only if it is", () => {
    expect(
      [0, 0.0001, 0.1234, 0.5, 0.9999, 1].map((share) => shareText(share)),
    ).toEqual(["0 %", "< 0.1 %", "12.3 %", "50 %", "> 99.9 %", "100 %"]);
  });
});
