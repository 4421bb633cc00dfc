import { describe, expect, it } from "vitest";
import { parseMachineTime, watchOthers } from "./others.ts";

describe("parseMachineTime", () => {
  it("counts everything but idle and waiting for disks as busy", () => {
    const text = "cpu  100 10 20 500 50 1 2 3 7 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n";
    expect(parseMachineTime(text)).toEqual({ busy: 136, total: 686 });
  });

  it("refuses a text without times", () => {
    expect(() => parseMachineTime("cpu0 1 2 3 4 5 6 7 8\n")).toThrow(
      "/proc/stat",
    );
    expect(() => parseMachineTime("cpu 1 2 3\n")).toThrow("/proc/stat");
  });
});

describe("watchOthers", () => {
  it("gives a share of the machine", () => {
    const others = watchOthers();
    const start = process.cpuUsage().user;
    while (process.cpuUsage().user - start < 50_000);
    expect(others()).toBeGreaterThanOrEqual(0);
    expect(others()).toBeLessThanOrEqual(1);
  });
});
