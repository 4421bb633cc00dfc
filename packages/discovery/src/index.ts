// For everyone.
export { discover } from "./discover.ts";
export {
  memoryRegistry,
  type MemoryRegistry,
  type MemoryRegistryOptions,
} from "./registries/memory.ts";
export { dnsRegistry } from "./registries/dns.ts";
export type { DnsRegistryOptions } from "./registries/dns/options.ts";
export { fileRegistry, type FileRegistryOptions } from "./registries/file.ts";
export { powerOfTwo } from "./balancers/power-of-two.ts";
export { leastRequest } from "./balancers/least-request.ts";
export { roundRobin } from "./balancers/round-robin.ts";
export { random } from "./balancers/random.ts";
export { healthCheck } from "./health/health-check.ts";
export { outlierDetection } from "./outlier/outlier-detection.ts";
export {
  ClosedError,
  NoInstanceError,
  SupersededError,
  type NoInstanceReason,
} from "./errors.ts";
export type { DiscoverOptions, RemovalHold } from "./options.ts";
export type {
  HealthTiming,
  HttpHealthOptions,
} from "./health/health-options.ts";
export type { OutlierOptions } from "./outlier/outlier-options.ts";
export type {
  ExplainedInstance,
  Lease,
  PickExplanation,
  ServiceView,
  Standing,
  ViewSnapshot,
} from "./service-view.ts";
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
