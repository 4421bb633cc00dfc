import { describe, expect, it } from "vitest";
import { RecentLatencies } from "./recent-latencies.ts";

describe("recent latencies", () => {
  it("have no median before there is one", () => {
    expect(new RecentLatencies().median(0, 0)).toBeUndefined();
  });

  it("are judged by those seen at about as many in flight", () => {
    const latencies = new RecentLatencies();
    for (const latencyMs of [30, 10, 20]) latencies.push(latencyMs, 2, 0);
    for (const latencyMs of [300, 100, 200]) latencies.push(latencyMs, 20, 0);
    expect(latencies.median(1, 0)).toBe(20);
    expect(latencies.median(3, 0)).toBe(20);
    expect(latencies.median(15, 0)).toBe(200);
  });

  it("are scaled by the load when none was seen at about as many", () => {
    const latencies = new RecentLatencies();
    for (const latencyMs of [300, 100, 200]) latencies.push(latencyMs, 19, 0);
    expect(latencies.median(0, 0)).toBe(10);
    expect(latencies.median(99, 0)).toBe(1000);
  });

  it("forget all but the last sixteen, and what is older than ten seconds", () => {
    const latencies = new RecentLatencies();
    latencies.push(1, 0, 0);
    for (let index = 0; index < 16; index++) latencies.push(50, 0, 1000);
    expect(latencies.median(0, 1000)).toBe(50);
    for (let index = 0; index < 15; index++) latencies.push(5, 0, 8000);
    expect(latencies.median(0, 8000)).toBe(5);
    expect(latencies.median(0, 18_000)).toBe(5);
    expect(latencies.median(0, 18_001)).toBeUndefined();
  });

  it("of several instances do not mix", () => {
    const [some, others] = [new RecentLatencies(), new RecentLatencies()];
    some.push(1, 0, 0);
    others.push(100, 0, 0);
    expect(some.median(0, 0)).toBe(1);
    expect(others.median(0, 0)).toBe(100);
  });
});
