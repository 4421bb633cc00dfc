export {
  ReferenceBreaker,
  type ReferenceBreakerOptions,
  type ReferenceTransition,
} from "./reference-breaker.ts";
export type { ReferenceTrip } from "./reference-trip.ts";
export {
  scriptedService,
  type ScriptedCall,
  type ScriptedService,
  type ScriptedServiceOptions,
  type ScriptLine,
} from "./scripted-service.ts";
export type { SuiteCase } from "./suite-case.ts";
export { breakerVectors } from "./vectors/breaker-vectors.ts";
export type {
  BreakerVector,
  VectorOptions,
  VectorOutcome,
  VectorStep,
  VectorTrip,
} from "./vectors/vector.ts";
export {
  vectorSuite,
  type VectorPermit,
  type VectorSubject,
} from "./vector-suite.ts";
export { tripSuite } from "./trip-suite.ts";
export { limitSuite } from "./limit-suite.ts";
