import type { Axis, Line, LineChart } from "./chart.ts";
import {
  colourOf,
  openFrame,
  underPlot,
  xLabel,
  yOf,
  type Plot,
} from "./frame.ts";
import { linearScale, logScale, numberText, type Scale } from "./scale.ts";
import { element, textElement } from "./svg.ts";

export const drawLines = (chart: LineChart): string => {
  const points = chart.lines.flatMap((line) => line.points);
  const x = scaleOf(
    chart.x,
    points.map(([value]) => value),
  );
  const y = scaleOf(
    chart.y,
    points.map(([, value]) => value),
  );
  const legend = chart.lines.map(({ name, dashed = false }) => ({
    name,
    dashed,
  }));
  const frame = openFrame(chart, legend, y);
  const { plot } = frame;
  const xOf = (value: number): number =>
    plot.left + x.position(value) * (plot.right - plot.left);
  const path = ({ points, dashed = false }: Line, index: number): string =>
    element("polyline", {
      points: points
        .map(([at, value]) => `${pixel(xOf(at))},${pixel(yOf(plot, y, value))}`)
        .join(" "),
      fill: "none",
      stroke: colourOf(index),
      "stroke-width": 2,
      "stroke-linejoin": "round",
      ...(dashed ? { "stroke-dasharray": "5 4" } : {}),
    });
  return frame.close([
    ...shade(chart, plot, xOf),
    ...x.ticks.map((tick) => underPlot(plot, xOf(tick), numberText(tick))),
    xLabel(plot, chart.x.label),
    ...chart.lines.map(path),
  ]);
};

const shade = (
  { shaded }: LineChart,
  plot: Plot,
  xOf: (value: number) => number,
): readonly string[] => {
  if (shaded === undefined) return [];
  const x = xOf(shaded.from);
  return [
    element("rect", {
      x,
      y: plot.top,
      width: xOf(shaded.to) - x,
      height: plot.bottom - plot.top,
      fill: "#d55e00",
      "fill-opacity": "0.12",
    }),
    textElement("text", { x: x + 4, y: plot.top + 14 }, shaded.label),
  ];
};

const scaleOf = (axis: Axis, values: readonly number[]): Scale => {
  const max = Math.max(axis.max ?? 0, ...values);
  return axis.scale === "log"
    ? logScale(Math.min(...values.filter((value) => value > 0)), max)
    : linearScale(max);
};

const pixel = (value: number): number => Math.round(value * 10) / 10;
