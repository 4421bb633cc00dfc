import { describe, expect, it } from "vitest";
import { MetricSum } from "./metric-sum.ts";

describe("a sum of metrics", () => {
  it("adds up samples of equal labels, in whatever order they are written", () => {
    const sum = new MetricSum();
    const family = {
      name: "calls_total",
      help: "Calls.",
      type: "counter",
    } as const;
    sum.add([
      { ...family, samples: [{ labels: { a: "1", b: "2" }, value: 3 }] },
    ]);
    sum.add([
      {
        ...family,
        samples: [
          { labels: { b: "2", a: "1" }, value: 4 },
          { labels: { a: "1" }, value: 5 },
        ],
      },
    ]);
    expect(sum.families()).toMatchObject([
      {
        ...family,
        samples: [
          { labels: { a: "1", b: "2" }, value: 7 },
          { labels: { a: "1" }, value: 5 },
        ],
      },
    ]);
  });

  it("adds up histograms bucket by bucket", () => {
    const sum = new MetricSum();
    for (const count of [1, 10])
      sum.add([
        {
          name: "seconds",
          help: "",
          type: "histogram",
          samples: [
            {
              labels: {},
              value: 2 * count,
              sum: 0.5 * count,
              buckets: [{ le: 1, count }],
            },
          ],
        },
      ]);
    expect(sum.families()[0]?.samples).toEqual([
      { labels: {}, value: 22, sum: 5.5, buckets: [{ le: 1, count: 11 }] },
    ]);
  });

  it("leaves out the gauges of what is gone", () => {
    const sum = new MetricSum();
    sum.addGone([
      {
        name: "up",
        help: "",
        type: "gauge",
        samples: [{ labels: {}, value: 1 }],
      },
    ]);
    expect(sum.families()).toEqual([]);
  });
});
