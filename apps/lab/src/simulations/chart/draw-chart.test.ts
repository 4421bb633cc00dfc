import { describe, expect, it } from "vitest";
import type { BarChart, LineChart } from "./chart.ts";
import { drawChart } from "./draw-chart.ts";
import { linearScale, logScale, numberText } from "./scale.ts";
import { smoothed } from "./smoothed.ts";
import { escapeText } from "./svg.ts";

const lines: LineChart = {
  kind: "lines",
  title: 'Calls & "repeats" < 3',
  description: "One line that rises.",
  x: { label: "seconds" },
  y: { label: "calls" },
  lines: [
    {
      name: "with budget",
      points: [
        [0, 0],
        [10, 80],
      ],
    },
    {
      name: "capacity",
      points: [
        [0, 100],
        [10, 100],
      ],
      dashed: true,
    },
  ],
  shaded: { from: 2, to: 4, label: "trigger" },
};

const bars: BarChart = {
  kind: "bars",
  title: "Calls",
  description: "Two groups of two bars.",
  y: { label: "calls", scale: "log" },
  bars: ["N = 50", "N = 100"],
  groups: [
    { name: "none", values: [697, 2402] },
    { name: "full", values: [333, 793] },
  ],
};

describe("a chart", () => {
  it("tells who cannot see it what it shows", () => {
    const svg = drawChart(lines);
    expect(svg).toContain(
      "<title>Calls &amp; &quot;repeats&quot; &lt; 3</title>",
    );
    expect(svg).toContain("<desc>One line that rises.</desc>");
    expect(svg).toContain('role="img"');
  });

  it("brings its own light background, so that its dark letters can be read on a dark page", () => {
    expect(drawChart(lines)).toMatch(/<rect width="\d+"[^>]+fill="#ffffff"/);
  });

  it("draws the same bytes for the same values", () => {
    expect(drawChart(lines)).toBe(drawChart({ ...lines }));
    expect(drawChart(bars)).toBe(drawChart({ ...bars }));
  });

  it("names every line and every bar in the legend", () => {
    for (const name of ["with budget", "capacity", "trigger"])
      expect(drawChart(lines)).toContain(`>${name}</text>`);
    for (const name of ["N = 50", "N = 100", "none", "full", "2,402"])
      expect(drawChart(bars)).toContain(`>${name}</text>`);
  });

  it("starts a new row of the legend where a name would run out of the picture", () => {
    const long = "a name that takes a good third of the whole width";
    const points = [[0, 1]] as const;
    const rowsOf = (count: number): number => {
      const named = Array.from({ length: count }, () => ({
        name: long,
        points,
      }));
      const svg = drawChart({ ...lines, lines: named });
      const places = svg.matchAll(/<text x="[\d.]+" y="([\d.]+)">a name/g);
      return new Set(Array.from(places, (match) => match[1])).size;
    };
    expect([1, 2, 3].map(rowsOf)).toEqual([1, 2, 3]);
  });

  it("puts larger values higher up and closes every tag it opens", () => {
    const svg = drawChart(bars);
    const tops = Array.from(
      svg.matchAll(/<rect x="[\d.]+" y="([\d.]+)"/g),
      (match) => Number(match[1]),
    );
    expect(tops).toHaveLength(4);
    const byHeight = tops
      .map((top, index) => ({ top, value: [697, 2402, 333, 793][index] }))
      .toSorted((left, right) => left.top - right.top);
    expect(byHeight.map(({ value }) => value)).toEqual([2402, 793, 697, 333]);
    for (const name of ["svg", "text", "title", "desc"]) {
      const opened = svg.match(new RegExp(`<${name}[ >]`, "g"));
      const closed = svg.match(new RegExp(`</${name}>`, "g"));
      expect(opened?.length).toBe(closed?.length);
    }
  });
});

describe("a scale", () => {
  it("has ticks at round numbers and ends at one of them", () => {
    expect(linearScale(3.4).ticks).toEqual([0, 1, 2, 3, 4]);
    expect(linearScale(1).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearScale(697).ticks).toEqual([0, 200, 400, 600, 800]);
    expect(linearScale(697).position(400)).toBe(0.5);
  });

  it("can go by powers of ten", () => {
    expect(logScale(3, 2_000).ticks).toEqual([1, 10, 100, 1_000, 10_000]);
    expect(logScale(1, 100).position(10)).toBe(0.5);
    expect(logScale(10, 10).ticks).toEqual([10, 100]);
  });

  it("groups thousands", () => {
    expect([999, 1_000, 1_234_567, 1_234.5, 0.1 + 0.2].map(numberText)).toEqual(
      ["999", "1,000", "1,234,567", "1,234.5", "0.3"],
    );
  });
});

describe("text in a picture", () => {
  it("cannot become a tag or end an attribute", () => {
    expect(escapeText('<a b="c">&')).toBe("&lt;a b=&quot;c&quot;&gt;&amp;");
  });
});

describe("smoothed values", () => {
  it("are means, each in the middle of what it was taken from; an incomplete rest is left out", () => {
    expect(smoothed([1, 3, 5, 7, 100], 2)).toEqual([
      [1, 2],
      [3, 6],
    ]);
  });
});
