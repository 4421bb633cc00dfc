// For everyone: judge configurations of a breaker by a recorded log.
export { replay, type ReplayOptions } from "./replay.ts";
export {
  readConfigurations,
  type ReplayConfiguration,
} from "./configuration.ts";
export { replayTimeline } from "./timeline/timeline.ts";
export type { LoggedCall } from "./logged-call.ts";
export type {
  ConfigurationReport,
  Opening,
  ReplayReport,
  ReplayTotals,
} from "./report.ts";
export { ReplayLogError } from "./replay-log-error.ts";
