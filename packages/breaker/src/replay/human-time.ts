const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** Times from the year 2000 on are Unix time; smaller ones count from the start of something. */
const isCalendar = (ms: number): boolean => ms >= 946_684_800_000;

const two = (value: number): string => String(value).padStart(2, "0");

/** How exactly a moment is written. */
export type Precision = "day" | "hour" | "minute" | "second" | "millisecond";

/** The coarsest precision that tells apart moments so far from each other. */
export const precisionOf = (stepMs: number): Precision => {
  if (stepMs % dayMs === 0) return "day";
  if (stepMs % hourMs === 0) return "hour";
  if (stepMs % minuteMs === 0) return "minute";
  return stepMs % secondMs === 0 ? "second" : "millisecond";
};

/** A moment for a label: `11-27 15:00`, `15:37:17`; for what is no calendar time `0:00:12.500`. */
export const labelOf = (ms: number, precision: Precision): string => {
  const isFine = precision === "millisecond";
  if (!isCalendar(ms)) {
    const text = clockText(ms);
    return isFine ? text : text.slice(0, -".000".length);
  }
  const text = new Date(ms).toISOString();
  const time = text.indexOf("T");
  switch (precision) {
    case "day":
      return text.slice(0, time);
    case "hour":
      return `${text.slice(time - 5, time)} ${text.slice(time + 1, time + 6)}`;
    case "minute":
      return text.slice(time + 1, time + 6);
    case "second":
      return text.slice(time + 1, time + 9);
    case "millisecond":
      return text.slice(time + 1, -1);
  }
};

/** A whole moment: `2026-11-27T15:37:17.120Z`, or `0:00:12.500` for what is no calendar time. */
export const momentText = (ms: number): string =>
  isCalendar(ms) ? new Date(ms).toISOString() : clockText(ms);

const clockText = (ms: number): string => {
  const whole = Math.floor(ms);
  const minutes = two(Math.floor(whole / minuteMs) % 60);
  const seconds = two(Math.floor(whole / secondMs) % 60);
  const rest = String(whole % secondMs).padStart(3, "0");
  return `${Math.floor(whole / hourMs)}:${minutes}:${seconds}.${rest}`;
};

/** A length of time by its two largest units: `3 d 4 h`, `4 min 3 s`, `12.5 s`, `850 ms`. */
export const lengthText = (ms: number): string => {
  if (ms < secondMs) return `${round(ms, 1)} ms`;
  if (ms < minuteMs) return `${round(ms / secondMs, 1)} s`;
  if (ms < hourMs) return twoUnits(ms, minuteMs, "min", secondMs, "s");
  if (ms < dayMs) return twoUnits(ms, hourMs, "h", minuteMs, "min");
  return twoUnits(ms, dayMs, "d", hourMs, "h");
};

const round = (value: number, digits: number): number =>
  Number(value.toFixed(digits));

const twoUnits = (
  ms: number,
  largeMs: number,
  large: string,
  smallMs: number,
  small: string,
): string => {
  const smalls = Math.floor((ms % largeMs) / smallMs);
  const first = `${Math.floor(ms / largeMs)} ${large}`;
  return smalls === 0 ? first : `${first} ${smalls} ${small}`;
};

/** A share of 0 to 1 in percent: `12.5 %`. What is not nothing is never written as nothing, nor as all. */
export const shareText = (share: number): string => {
  if (share > 0 && share < 0.001) return "< 0.1 %";
  if (share < 1 && share > 0.999) return "> 99.9 %";
  return `${round(share * 100, 1)} %`;
};
