import type { ConfigurationReport } from "../report.ts";
import { drawColumns, type Column } from "./columns.ts";
import {
  colours,
  frameAt,
  laneHeight,
  laneWidth,
  left,
  margin,
} from "./layout.ts";
import { element, escapeText, textAt } from "./svg.ts";

/**
 * The states of one configuration over time, `summary` for who points at them. `count` is how many slices of `widthMs`
 * fit into the width.
 */
export const stateLane = (
  { name, slices }: ConfigurationReport,
  summary: string,
  top: number,
  count: number,
  widthMs: number,
): string => {
  const frame = frameAt(top, laneHeight);
  const { openMs, halfOpenMs } = slices;
  // The last slice may be cut short.
  const share = (ms: number, index: number): number => {
    const lengthMs = Math.min(1, count - index) * widthMs;
    return lengthMs > 0 ? Math.min(1, Number((ms / lengthMs).toFixed(4))) : 0;
  };
  const open = openMs.map((ms, index): Column => ({
    from: 0,
    to: share(ms, index),
  }));
  const halfOpen = halfOpenMs.map((ms, index): Column => {
    const from = ms === 0 ? 0 : (open[index]?.to ?? 0);
    return { from, to: Math.min(1, from + share(ms, index)) };
  });
  const x = { x: left, width: laneWidth };
  return element(
    "g",
    {},
    [
      element("title", {}, escapeText(summary)),
      textAt(margin, top + laneHeight / 2 + 5, shorten(name)),
      element("rect", {
        ...{ ...x, y: top, height: laneHeight },
        fill: colours.closed,
      }),
      ...drawColumns(frame, count, open, colours.open),
      ...drawColumns(frame, count, halfOpen, colours.halfOpen),
    ].join("\n"),
  );
};

/** Names are cut by characters that people see, where they would run into the lane. */
const shorten = (name: string): string => {
  const characters = Array.from(new Intl.Segmenter("en").segment(name));
  if (characters.length <= 26) return name;
  const kept = characters.slice(0, 25).map(({ segment }) => segment);
  return `${kept.join("")}…`;
};
