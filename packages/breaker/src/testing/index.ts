export {
  ReferenceBreaker,
  type ReferenceBreakerOptions,
  type ReferenceTransition,
} from "./reference-breaker.ts";
export type { ReferenceTrip } from "./reference-trip.ts";
export type { SuiteCase } from "./suite-case.ts";
export { tripSuite } from "./trip-suite.ts";
export { limitSuite } from "./limit-suite.ts";
