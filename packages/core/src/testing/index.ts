export { ManualClock } from "./manual-clock.ts";
export {
  simulate,
  type SimulateOptions,
  type Simulation,
  type World,
} from "./simulate.ts";
export { SimulationError } from "./simulation-error.ts";
export { drainMicrotasks } from "./drain.ts";
