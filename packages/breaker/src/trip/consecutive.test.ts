import { describe, expect, it } from "vitest";
import { tripSuite } from "../testing/trip-suite.ts";
import { consecutive } from "./consecutive.ts";

describe("a trip on consecutive failures", () => {
  for (const { name, run } of tripSuite(() => consecutive(5))) it(name, run);

  it("begins anew after a success", () => {
    const window = consecutive(3).create();
    const results = ["fail", "fail", "ok", "fail", "fail", "fail"].map(
      (each) => (each === "ok" ? window.success(0, 0) : window.failure(0, 0)),
    );
    expect(results).toEqual([false, false, false, false, false, true]);
  });

  it("counts the current row", () => {
    const window = consecutive(3).create();
    window.failure(0, 0);
    window.failure(0, 0);
    expect(window.counts(0)).toEqual({ total: 2, successes: 0, failures: 2 });
    window.success(0, 0);
    expect(window.counts(0)).toEqual({ total: 1, successes: 1, failures: 0 });
  });

  it("takes an integer of at least 1", () => {
    for (const bad of [0, 1.5, NaN, -1])
      expect(() => consecutive(bad)).toThrow(
        "consecutive must be an integer of at least 1",
      );
  });
});
