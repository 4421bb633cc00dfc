export {
  simulate,
  type SimulateOptions,
  type SimulationSummary,
  type Violation,
} from "./simulation/simulate.ts";
export {
  simulateEveryCrash,
  type CrashViolation,
  type EveryCrashOptions,
  type EveryCrashSummary,
} from "./simulation/every-crash.ts";
export type { Fate } from "./simulation/fate.ts";
export type { Troubles } from "./simulation/random-fortune.ts";
export type { ParticipantTraits } from "./simulation/traits.ts";
