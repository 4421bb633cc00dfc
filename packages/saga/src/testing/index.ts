export { storeSuite, type StoreFactory } from "./store-suite.ts";
export type { SuiteCase } from "./suite-case.ts";
export { faultyStore, type StoreFault } from "./faulty-store.ts";
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
