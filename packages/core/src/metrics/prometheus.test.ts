import { describe, expect, it } from "vitest";
import type { MetricFamily, MetricSource } from "./metric.ts";
import { renderPrometheus } from "./prometheus.ts";

const source = (...families: readonly MetricFamily[]): MetricSource => ({
  metrics: () => families,
});
const counter = (
  samples: MetricFamily["samples"],
  help = "Calls.",
): MetricFamily => ({ name: "calls_total", help, type: "counter", samples });
const samplesOf = (text: string): string[] =>
  text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

describe("renderPrometheus", () => {
  it("writes a heading and one line for each sample", () => {
    const family = counter([
      { labels: {}, value: 3 },
      { labels: { path: "/a", code: "200" }, value: 0.5 },
    ]);
    expect(renderPrometheus([source(family)])).toBe(
      [
        "# HELP calls_total Calls.",
        "# TYPE calls_total counter",
        "calls_total 3",
        'calls_total{code="200",path="/a"} 0.5',
        "",
      ].join("\n"),
    );
  });

  it("writes a histogram with an infinite bucket, a sum and a count", () => {
    const family: MetricFamily = {
      name: "wait_seconds",
      help: "Waiting.",
      type: "histogram",
      samples: [
        {
          labels: { queue: "a" },
          value: 4,
          sum: 6.5,
          buckets: [
            { le: 0.5, count: 1 },
            { le: 2, count: 3 },
          ],
        },
        { labels: {}, value: 0 },
      ],
    };
    expect(samplesOf(renderPrometheus([source(family)]))).toEqual([
      'wait_seconds_bucket{queue="a",le="0.5"} 1',
      'wait_seconds_bucket{queue="a",le="2"} 3',
      'wait_seconds_bucket{queue="a",le="+Inf"} 4',
      'wait_seconds_sum{queue="a"} 6.5',
      'wait_seconds_count{queue="a"} 4',
      'wait_seconds_bucket{le="+Inf"} 0',
      "wait_seconds_sum 0",
      "wait_seconds_count 0",
    ]);
  });

  it("is empty without sources", () => {
    expect(renderPrometheus([])).toBe("");
  });

  it("escapes backslash, quote and newline in a label value", () => {
    const value = 'a\\b"c\nd\\n';
    const text = renderPrometheus([
      source(counter([{ labels: { value }, value: 1 }])),
    ]);
    expect(samplesOf(text)).toEqual([
      String.raw`calls_total{value="a\\b\"c\nd\\n"} 1`,
    ]);
  });

  it("escapes backslash and newline in the help, and leaves quotes", () => {
    const text = renderPrometheus([source(counter([], 'a\\b"c\nd'))]);
    expect(text).toContain(String.raw`# HELP calls_total a\\b"c\nd` + "\n");
  });

  it.each([
    [NaN, "NaN"],
    [Infinity, "+Inf"],
    [-Infinity, "-Inf"],
    [0, "0"],
    [-1.25, "-1.25"],
    [1e21, "1e+21"],
    [5e-7, "5e-7"],
  ])("writes the value %d", (value, text) => {
    const family: MetricFamily = {
      name: "level",
      help: "Level.",
      type: "gauge",
      samples: [{ labels: {}, value }],
    };
    expect(samplesOf(renderPrometheus([source(family)]))).toEqual([
      `level ${text}`,
    ]);
  });

  it("puts families of one name under one heading, the first help and type winning", () => {
    const second: MetricFamily = {
      name: "calls_total",
      help: "Other help.",
      type: "histogram",
      samples: [
        {
          labels: { from: "b" },
          value: 2,
          sum: 9,
          buckets: [{ le: 1, count: 1 }],
        },
      ],
    };
    const other: MetricFamily = { ...second, name: "other", type: "gauge" };
    const text = renderPrometheus([
      source(counter([{ labels: { from: "a" }, value: 1 }]), other),
      source(second),
    ]);
    expect(text).toBe(
      [
        "# HELP calls_total Calls.",
        "# TYPE calls_total counter",
        'calls_total{from="a"} 1',
        'calls_total{from="b"} 2',
        "# HELP other Other help.",
        "# TYPE other gauge",
        'other{from="b"} 2',
        "",
      ].join("\n"),
    );
  });

  it("renders a series given twice once, the first winning, whatever the order of its labels", () => {
    const text = renderPrometheus([
      source(counter([{ labels: { a: "1", b: "2" }, value: 1 }])),
      source(counter([{ labels: { b: "2", a: "1" }, value: 2 }])),
      source(counter([{ labels: { a: "1" }, value: 3 }])),
    ]);
    expect(samplesOf(text)).toEqual([
      'calls_total{a="1",b="2"} 1',
      'calls_total{a="1"} 3',
    ]);
  });

  it("keeps apart series whose labels only look alike when joined", () => {
    const text = renderPrometheus([
      source(
        counter([
          { labels: { a: '1",b="2' }, value: 1 },
          { labels: { a: "1", b: "2" }, value: 2 },
        ]),
      ),
    ]);
    expect(samplesOf(text)).toHaveLength(2);
  });

  it("asks the sources anew each time", () => {
    let value = 1;
    const live: MetricSource = {
      *metrics() {
        yield counter([{ labels: {}, value: value++ }]);
      },
    };
    expect(samplesOf(renderPrometheus([live]))).toEqual(["calls_total 1"]);
    expect(samplesOf(renderPrometheus([live]))).toEqual(["calls_total 2"]);
  });
});
