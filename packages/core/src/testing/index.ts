export { ManualClock } from "./manual-clock.ts";
export {
  simulate,
  SimulationError,
  type SimulateOptions,
  type Simulation,
  type World,
} from "./simulate.ts";
export { drainMicrotasks } from "./drain.ts";
