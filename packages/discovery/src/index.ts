// For everyone.
export { discover } from "./discover.ts";
export {
  memoryRegistry,
  type MemoryRegistry,
  type MemoryRegistryOptions,
} from "./registries/memory.ts";
export { powerOfTwo } from "./balancers/power-of-two.ts";
export { leastRequest } from "./balancers/least-request.ts";
export { roundRobin } from "./balancers/round-robin.ts";
export { random } from "./balancers/random.ts";
export { weightedRoundRobin } from "./balancers/weighted-round-robin.ts";
export { weightedRandom } from "./balancers/weighted-random.ts";
export { peakEwma, type PeakEwmaOptions } from "./balancers/peak-ewma.ts";
export { ringHash, type RingHashOptions } from "./balancers/ring-hash.ts";
export { maglev, type MaglevOptions } from "./balancers/maglev.ts";
export { rendezvous } from "./balancers/rendezvous.ts";
export {
  boundedLoad,
  type BoundedLoadOptions,
} from "./balancers/bounded-load.ts";
export {
  prequal,
  type LoadProbe,
  type PrequalOptions,
  type ProbeAnswer,
} from "./balancers/prequal.ts";
export type { TextHash } from "./xxhash32.ts";
export { healthCheck } from "./health/health-check.ts";
export { outlierDetection } from "./outlier/outlier-detection.ts";
export { slowStart, type SlowStartOptions } from "./slow-start.ts";
export { subset, type SubsetOptions } from "./subset.ts";
export { aperture, type ApertureOptions } from "./aperture.ts";
export { zoneAware, type ZoneAwareOptions } from "./zone.ts";
export {
  ClosedError,
  NoInstanceError,
  SupersededError,
  type NoInstanceReason,
} from "./errors.ts";
export type { DiscoverOptions, RemovalHold } from "./options.ts";
export type {
  GrpcHealthOptions,
  HealthTiming,
  HttpHealthOptions,
} from "./health/health-options.ts";
export type {
  OutlierOptions,
  SuccessRateOptions,
} from "./outlier/outlier-options.ts";
export type {
  ExplainedInstance,
  ExplainedTier,
  Lease,
  PickExplanation,
  ServiceView,
  Standing,
  ViewSnapshot,
} from "./view/service-view.ts";
export type { TierPart } from "./view/tier-part.ts";
export type { SlowStart } from "./slow-start.ts";
export type { Slice, Subset } from "./subset.ts";
export type { ZoneAware } from "./zone.ts";
export type { Instance, InstanceState, Metadata } from "./instance.ts";
export type {
  InstancePatch,
  Registration,
  RegistrationEvent,
  RegistrationSpec,
  RegistrationStatus,
} from "./registration.ts";
export type { Change, RemovalCause, WatchEvent } from "./watch-event.ts";

// For authors of registries, balancers and health checks.
export type { Registry } from "./registry.ts";
export type {
  Balancer,
  BalancerOptions,
  Candidate,
  PickRequest,
  Report,
} from "./balancers/balancer.ts";
export type { HealthCheck } from "./health/check.ts";
export type { OutlierAccount, OutlierDetection } from "./outlier/detection.ts";
