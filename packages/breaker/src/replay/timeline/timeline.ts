import { lengthText, momentText, shareText } from "../human-time.ts";
import type { ConfigurationReport, ReplayReport } from "../report.ts";
import { ticksOf } from "./axis.ts";
import { columnsPath, type Column, type Frame } from "./columns.ts";
import { element, escapeText, textAt } from "./svg.ts";

const width = 1_200;
const margin = 24;
const left = 220;
const laneWidth = width - margin - left;
const lanesTop = 100;
const shareHeight = 72;
const laneHeight = 28;
const gap = 14;
const mostTicks = 8;

// Told apart by how dark they are as well as by hue.
const colours = {
  closed: "#cfe5d6",
  open: "#b3261e",
  halfOpen: "#f0a500",
  share: "#4a5568",
  text: "#1a202c",
  faint: "#5a6472",
  line: "#d5d9e0",
  background: "#ffffff",
};

/**
 * A picture of a report as SVG text: the share of failed calls over time and below it a lane for each configuration,
 * coloured by the state its breaker would have been in. A slice of time in which that changed is coloured in parts.
 *
 * It has a background of its own, so that it can be read on light and dark pages, a title and a description for who
 * cannot see it, and no script, font or link. The same report gives the same bytes.
 */
export const replayTimeline = (report: ReplayReport): string => {
  const { configurations, fromMs, toMs } = report;
  const stepY = laneHeight + gap;
  const firstLane = lanesTop + shareHeight + gap;
  const axisTop = firstLane + configurations.length * stepY;
  const height = axisTop + 44;
  const slices = Math.max(
    Number.MIN_VALUE,
    (toMs - fromMs) / report.slices.widthMs,
  );
  const lanes = configurations.map((each, index) =>
    lane(each, firstLane + index * stepY, slices, report.slices.widthMs),
  );
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "font-family": "system-ui, sans-serif",
      "font-size": 13,
      fill: colours.text,
    },
    [
      "",
      element("title", {}, "What each breaker would have done"),
      element("desc", {}, escapeText(describe(report))),
      element("rect", { width, height, rx: 8, fill: colours.background }),
      heading(report),
      legend(),
      axis(fromMs, toMs, axisTop),
      shareLane(report, slices),
      ...lanes,
      "",
    ].join("\n"),
  )}\n`;
};

const describe = (report: ReplayReport): string =>
  [
    `${report.calls} calls from ${momentText(report.fromMs)} to ${momentText(report.toMs)}, ${shareText(report.failures / report.calls)} failed.`,
    ...report.configurations.map(summary),
  ].join(" ");

const summary = ({ name, totals }: ConfigurationReport): string => {
  const times = totals.openings === 1 ? "once" : `${totals.openings} times`;
  const opened =
    totals.openings === 0
      ? "never opened"
      : `opened ${times}, open for ${lengthText(totals.openMs)}`;
  return `${name}: ${opened}; refused ${totals.refusedRightly} rightly, ${totals.refusedWrongly} wrongly.`;
};

const heading = ({ calls, failures, fromMs, toMs }: ReplayReport): string =>
  [
    textAt(margin, 36, "What each breaker would have done", {
      "font-size": "18",
      "font-weight": "600",
    }),
    textAt(
      margin,
      60,
      `${calls} calls, ${shareText(failures / calls)} failed; ${momentText(fromMs)} and ${lengthText(toMs - fromMs)} from there`,
      { fill: colours.faint },
    ),
  ].join("\n");

const legend = (): string =>
  (
    [
      [colours.closed, "closed"],
      [colours.open, "open"],
      [colours.halfOpen, "half-open"],
      [colours.share, "share of failed calls"],
    ] as const
  )
    .map(([fill, name], index) => {
      const x = left + index * 110;
      return (
        element("rect", { x, y: 74, width: 14, height: 14, fill }) +
        textAt(x + 20, 86, name)
      );
    })
    .join("\n");

const axis = (fromMs: number, toMs: number, y: number): string =>
  ticksOf(fromMs, toMs, mostTicks)
    .map(({ atMs, label }) => {
      const x = left + ((atMs - fromMs) / (toMs - fromMs || 1)) * laneWidth;
      const path = `M${x.toFixed(2)} ${lanesTop}V${y}`;
      const middle = { "text-anchor": "middle", fill: colours.faint };
      return (
        element("path", { d: path, stroke: colours.line }) +
        textAt(x, y + 20, label, middle)
      );
    })
    .join("\n");

const shareLane = ({ slices }: ReplayReport, count: number): string => {
  const frame = frameAt(lanesTop, shareHeight);
  const columns = slices.calls.map((calls, index) => ({
    from: 0,
    to: calls === 0 ? 0 : (slices.failures[index] as number) / calls,
  }));
  const faint = { fill: colours.faint, "text-anchor": "end" };
  return [
    textAt(margin, lanesTop + shareHeight / 2 + 4, "failed calls"),
    textAt(left - 8, lanesTop + 10, "100 %", faint),
    textAt(left - 8, lanesTop + shareHeight, "0 %", faint),
    ...drawn(columnsPath(frame, count, columns), colours.share),
    element("path", {
      d: `M${left} ${lanesTop + shareHeight}h${laneWidth}`,
      stroke: colours.faint,
    }),
  ].join("\n");
};

const lane = (
  configuration: ConfigurationReport,
  top: number,
  count: number,
  widthMs: number,
): string => {
  const { name, slices } = configuration;
  const frame = frameAt(top, laneHeight);
  const { openMs, halfOpenMs } = slices;
  // The last slice may be cut short.
  const lengthOf = (index: number): number =>
    Math.min(1, count - index) * widthMs;
  const open = openMs.map((ms, index): Column => ({
    from: 0,
    to: share(ms, lengthOf(index)),
  }));
  const halfOpen = halfOpenMs.map((ms, index): Column => {
    const from = open[index]?.to ?? 0;
    const to = Math.min(1, from + share(ms, lengthOf(index)));
    return { from: ms === 0 ? 0 : from, to: ms === 0 ? 0 : to };
  });
  return element(
    "g",
    {},
    [
      element("title", {}, escapeText(summary(configuration))),
      textAt(margin, top + laneHeight / 2 + 5, shorten(name)),
      element("rect", {
        ...{ x: left, y: top, width: laneWidth, height: laneHeight },
        fill: colours.closed,
      }),
      ...drawn(columnsPath(frame, count, open), colours.open),
      ...drawn(columnsPath(frame, count, halfOpen), colours.halfOpen),
    ].join("\n"),
  );
};

const share = (ms: number, lengthMs: number): number =>
  lengthMs > 0 ? Math.min(1, Number((ms / lengthMs).toFixed(4))) : 0;

const frameAt = (top: number, height: number): Frame => ({
  ...{ left, width: laneWidth },
  ...{ top, height },
});

const drawn = (d: string, fill: string): readonly string[] =>
  d === "" ? [] : [element("path", { d, fill })];

/** Names are cut by characters that people see, where they would run into the lane. */
const shorten = (name: string): string => {
  const characters = Array.from(new Intl.Segmenter("en").segment(name));
  if (characters.length <= 26) return name;
  const kept = characters.slice(0, 25).map(({ segment }) => segment);
  return `${kept.join("")}…`;
};
