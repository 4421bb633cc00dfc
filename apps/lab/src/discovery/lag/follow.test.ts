import { describe, expect, it } from "vitest";
import { candidatesOf } from "../picks/instances.ts";
import { machineMs } from "./changes.ts";
import { quantileOf } from "./follow.ts";
import { Probe } from "./probe.ts";

describe("the lag of a change", () => {
  it("is noted once for each change, whoever is changed", () => {
    const probe = new Probe();
    probe.isNoting = true;
    const [first, second] = candidatesOf(2);
    if (first === undefined || second === undefined) throw new Error("none");
    probe.update([first, second]);
    expect(probe.lagsMs).toEqual([]);
    const metadata = { writtenMs: machineMs() - 100 };
    const changed = {
      ...second,
      instance: { ...second.instance, metadata },
    };
    probe.update([first, changed]);
    probe.update([first, changed]);
    expect(probe.lagsMs).toHaveLength(1);
    expect(probe.lagsMs[0]).toBeGreaterThanOrEqual(100);
  });

  it("is found by its rank", () => {
    const values = [5, 1, 4, 2, 3];
    expect(quantileOf(values, 0.5)).toBe(3);
    expect(quantileOf(values, 0.99)).toBe(5);
    expect(quantileOf(values, 1)).toBe(5);
    expect(quantileOf([], 0.5)).toBeNaN();
  });
});
