import type { Axis, Chart } from "./chart.ts";
import { numberText, type Scale } from "./scale.ts";
import { element, textElement } from "./svg.ts";

/** The picture's size and the room left around what is drawn, in pixels. */
const width = 760;
const left = 76;
const right = width - 24;
const bottomRoom = 56;
const plotHeight = 280;
const legendTop = 58;
const legendRow = 20;

/** Told apart by people who see few colours too, and dark enough on white (Okabe and Ito, without yellow). */
const colours = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#56b4e9",
  "#5f5f5f",
];

export const colourOf = (index: number): string =>
  colours[index % colours.length] ?? "#000000";

/** The rectangle in which values are drawn. */
export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What stands around the values of a chart. */
export interface Frame {
  readonly plot: Plot;
  /** The whole picture with `inside` drawn in it. */
  close(inside: readonly string[]): string;
}

export interface LegendEntry {
  readonly name: string;
  readonly dashed: boolean;
}

/** Starts a picture: background, title, legend, and the axis of y with its grid. */
export const openFrame = (
  chart: Chart,
  legend: readonly LegendEntry[],
  y: Scale,
): Frame => {
  const { rows, drawn } = legendOf(legend);
  const top = legendTop + rows * legendRow;
  const plot = { left, right, top, bottom: top + plotHeight };
  const height = plot.bottom + bottomRoom;
  const around = [
    textElement("title", {}, chart.title),
    textElement("desc", {}, chart.description),
    element("rect", {
      width,
      height,
      rx: 8,
      fill: "#ffffff",
      stroke: "#d0d7de",
    }),
    textElement(
      "text",
      { x: left, y: 30, "font-size": 16, "font-weight": "bold" },
      chart.title,
    ),
    ...drawn,
    ...yAxis(plot, chart.y, y),
  ];
  return {
    plot,
    close: (inside) =>
      `${element(
        "svg",
        {
          xmlns: "http://www.w3.org/2000/svg",
          viewBox: `0 0 ${width} ${height}`,
          width,
          height,
          role: "img",
          "font-family": "system-ui, sans-serif",
          "font-size": 12,
          fill: "#1f2328",
        },
        [...around, ...inside],
      )}\n`,
  };
};

/** A word or two under the plot, at `x`. */
export const underPlot = (plot: Plot, x: number, text: string): string =>
  textElement(
    "text",
    { x, y: plot.bottom + 18, "text-anchor": "middle" },
    text,
  );

/** What the axis of x shows, under its middle. */
export const xLabel = (plot: Plot, label: string): string =>
  textElement(
    "text",
    {
      x: (plot.left + plot.right) / 2,
      y: plot.bottom + 40,
      "text-anchor": "middle",
    },
    label,
  );

const yAxis = (plot: Plot, axis: Axis, scale: Scale): readonly string[] => {
  const middle = (plot.top + plot.bottom) / 2;
  const marks = scale.ticks.flatMap((tick) => {
    const y = yOf(plot, scale, tick);
    return [
      element("line", {
        x1: plot.left,
        x2: plot.right,
        y1: y,
        y2: y,
        stroke: tick === scale.ticks[0] ? "#59636e" : "#e4e8ec",
      }),
      textElement(
        "text",
        { x: plot.left - 8, y: y + 4, "text-anchor": "end" },
        numberText(tick),
      ),
    ];
  });
  const label = textElement(
    "text",
    {
      transform: `translate(18 ${middle}) rotate(-90)`,
      "text-anchor": "middle",
    },
    axis.label,
  );
  return [...marks, label];
};

/** Where a value of y lies in the picture. */
export const yOf = (plot: Plot, scale: Scale, value: number): number =>
  plot.bottom - scale.position(value) * (plot.bottom - plot.top);

/** Entries side by side, in a new row where the next would not fit. */
const legendOf = (
  entries: readonly LegendEntry[],
): { readonly rows: number; readonly drawn: readonly string[] } => {
  let x = left;
  let row = 0;
  const drawn = entries.flatMap(({ name, dashed }, index) => {
    // Letters of 12 pixels are a bit more than half as wide.
    const room = 34 + name.length * 6.8 + 16;
    if (x > left && x + room > right) {
      x = left;
      row++;
    }
    const y = legendTop - 4 + row * legendRow;
    const at = x;
    x += room;
    return [
      element("line", {
        x1: at,
        x2: at + 26,
        y1: y - 4,
        y2: y - 4,
        stroke: colourOf(index),
        "stroke-width": dashed ? 2 : 4,
        ...(dashed ? { "stroke-dasharray": "5 4" } : {}),
      }),
      textElement("text", { x: at + 34, y }, name),
    ];
  });
  return { rows: entries.length === 0 ? 0 : row + 1, drawn };
};
