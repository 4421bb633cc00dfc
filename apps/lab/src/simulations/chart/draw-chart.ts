import { drawBars } from "./bars.ts";
import type { Chart } from "./chart.ts";
import { drawLines } from "./lines.ts";

/** The chart as an SVG file: the same bytes for the same chart, readable on light and dark pages. */
export const drawChart = (chart: Chart): string =>
  chart.kind === "lines" ? drawLines(chart) : drawBars(chart);
