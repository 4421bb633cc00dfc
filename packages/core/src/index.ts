// For everyone.
export { durationMs, type Duration } from "./duration.ts";
export { systemClock, type Alarm, type Clock } from "./clock.ts";
export { seededRandom, systemRandom, type Random } from "./random.ts";
export { DpError, InvalidOptionError } from "./errors.ts";
export type {
  MetricFamily,
  MetricSample,
  MetricSource,
} from "./metrics/metric.ts";
export { renderPrometheus } from "./metrics/prometheus.ts";

// For authors of packages built on core.
export { randomName } from "./random.ts";
export { createAlarm } from "./alarm.ts";
export { recentMs, sleepBySchedule } from "./clock.ts";
export { createEmitter, type Emitter } from "./emitter.ts";
export { httpDateMs } from "./http-date.ts";
export { Histogram, latencyBoundsSeconds } from "./metrics/histogram.ts";
export {
  requireDuration,
  requireInteger,
  requireNumber,
  requireOneOf,
  requireText,
} from "./require.ts";
