export {
  ReferenceBreaker,
  type ReferenceBreakerOptions,
  type ReferenceTransition,
  type ReferenceTrip,
} from "./reference-breaker.ts";
export type { SuiteCase } from "./suite-case.ts";
export { tripSuite } from "./trip-suite.ts";
