import { labelOf, precisionOf } from "../human-time.ts";

/** A mark on the axis of time. */
export interface Tick {
  readonly atMs: number;
  readonly label: string;
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Steps at which people expect marks. */
const stepsMs = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * secondMs),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minuteMs),
  ...[1, 2, 3, 6, 12].map((count) => count * hourMs),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((count) => count * dayMs),
];

/** The marks of a stretch of time: at round times, at most `most` of them, in any stretch at least one. */
export const ticksOf = (
  fromMs: number,
  toMs: number,
  most: number,
): readonly Tick[] => {
  const spanMs = toMs - fromMs;
  const stepMs =
    stepsMs.find((each) => spanMs / each <= most - 1) ??
    dayMs * Math.ceil(spanMs / dayMs / (most - 1));
  const precision = precisionOf(stepMs);
  const ticks: Tick[] = [];
  for (
    let atMs = Math.ceil(fromMs / stepMs) * stepMs;
    atMs <= toMs;
    atMs += stepMs
  )
    ticks.push({ atMs, label: labelOf(atMs, precision) });
  return ticks.length > 0
    ? ticks
    : [{ atMs: fromMs, label: labelOf(fromMs, "millisecond") }];
};
