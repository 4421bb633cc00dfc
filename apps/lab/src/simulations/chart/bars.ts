import type { BarChart } from "./chart.ts";
import { colourOf, openFrame, underPlot, yOf } from "./frame.ts";
import { linearScale, logScale, numberText } from "./scale.ts";
import { element, textElement } from "./svg.ts";

/** The share of a group's width that stays empty, so that groups are seen apart. */
const gap = 0.24;

/** Each bar with its value on top. */
export const drawBars = (chart: BarChart): string => {
  const values = chart.groups.flatMap((group) => group.values);
  const max = Math.max(chart.y.max ?? 0, ...values);
  const y =
    chart.y.scale === "log"
      ? logScale(Math.min(...values.filter((value) => value > 0)), max)
      : linearScale(max);
  const legend = chart.bars.map((name) => ({ name, dashed: false }));
  const frame = openFrame(chart, legend, y);
  const { plot } = frame;
  const groupWidth = (plot.right - plot.left) / chart.groups.length;
  const barWidth = (groupWidth * (1 - gap)) / chart.bars.length;
  const groups = chart.groups.flatMap(({ name, values }, place) => {
    const start = plot.left + groupWidth * (place + gap / 2);
    const bars = values.flatMap((value, index) => {
      const x = start + index * barWidth;
      const top = yOf(plot, y, value);
      return [
        element("rect", {
          x,
          y: top,
          width: barWidth - 2,
          height: plot.bottom - top,
          fill: colourOf(index),
        }),
        textElement(
          "text",
          {
            x: x + barWidth / 2 - 1,
            y: top - 4,
            "text-anchor": "middle",
            "font-size": 11,
          },
          numberText(value),
        ),
      ];
    });
    return [
      ...bars,
      underPlot(plot, plot.left + groupWidth * (place + 0.5), name),
    ];
  });
  return frame.close(groups);
};
