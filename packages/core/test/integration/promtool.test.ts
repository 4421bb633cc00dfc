import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  Histogram,
  renderPrometheus,
  type MetricFamily,
  type MetricSource,
} from "../../src/index.ts";

const promtool = process.env["DP_PROMTOOL"] ?? "promtool";
const isMissing = spawnSync(promtool, ["--version"]).error !== undefined;
const isSkipped = isMissing && process.env["DP_SKIP_SERVICES"] === "1";

const check = (text: string): { accepted: boolean; complaint: string } => {
  const { status, stderr } = spawnSync(promtool, ["check", "metrics"], {
    input: text,
    encoding: "utf8",
  });
  return { accepted: status === 0 && stderr === "", complaint: stderr };
};
const source = (...families: readonly MetricFamily[]): MetricSource => ({
  metrics: () => families,
});

if (isSkipped)
  console.warn(
    "promtool is missing and DP_SKIP_SERVICES=1: `promtool check metrics` is skipped",
  );

describe.skipIf(isSkipped)("promtool check metrics", () => {
  beforeAll(() => {
    if (isMissing)
      throw new Error(
        "promtool is missing: install Debian's package 'prometheus' (apt-get install prometheus), or set DP_SKIP_SERVICES=1",
      );
  });

  it("refuses broken text, so that its silence means something", () => {
    expect(check("calls_total 1 2 3\n").accepted).toBe(false);
    expect(
      check('# HELP a_total A.\n# TYPE a_total counter\na_total{a="1\n2"} 1\n')
        .accepted,
    ).toBe(false);
  });

  it("accepts counters, gauges and histograms with awkward values", () => {
    const wait = new Histogram();
    for (const value of [0.0001, 0.3, 99]) wait.observe(value);
    const text = renderPrometheus([
      source(
        {
          name: "dp_calls_total",
          help: 'Calls, with "quotes", a \\ and\na second line.',
          type: "counter",
          samples: [
            { labels: {}, value: 0 },
            { labels: { path: '/a"\\\n{},=', code: "200" }, value: 12 },
            { labels: { path: "", code: "ü😀" }, value: 1e21 },
          ],
        },
        {
          name: "dp_level_ratio",
          help: "Levels.",
          type: "gauge",
          samples: [NaN, Infinity, -Infinity, -0.5, 5e-324].map(
            (value, index) => ({ labels: { index: `${index}` }, value }),
          ),
        },
        {
          name: "dp_wait_seconds",
          help: "Waiting.",
          type: "histogram",
          samples: [wait.sample(), wait.sample({ queue: "a" })],
        },
        { name: "dp_none_total", help: "None.", type: "counter", samples: [] },
      ),
    ]);
    expect(check(text)).toEqual({ accepted: true, complaint: "" });
  });

  it("accepts families that several sources share", () => {
    const calls = (value: number): MetricSource =>
      source({
        name: "dp_calls_total",
        help: "Calls.",
        type: "counter",
        samples: [{ labels: { value: `${value % 2}` }, value }],
      });
    const between = source({
      name: "dp_level",
      help: "Level.",
      type: "gauge",
      samples: [{ labels: {}, value: 1 }],
    });
    const text = renderPrometheus([calls(1), between, calls(2), calls(3)]);
    expect(check(text)).toEqual({ accepted: true, complaint: "" });
  });

  it("accepts any label values and numbers", () => {
    const sample = fc.record({
      labels: fc.record({
        a: fc.string({ unit: "binary" }),
        b: fc.string({ unit: "grapheme" }),
      }),
      value: fc.double(),
    });
    const family = fc.record({
      name: fc.constantFrom("dp_one", "dp_two"),
      help: fc.string({ unit: "binary" }).map((text) => `Help ${text}`),
      type: fc.constant("gauge" as const),
      samples: fc.array(sample),
    });
    fc.assert(
      fc.property(fc.array(family), (families) => {
        const { accepted, complaint } = check(
          renderPrometheus([source(...families)]),
        );
        expect(complaint).toBe("");
        expect(accepted).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
