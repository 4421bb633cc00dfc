// For everyone.
export { createLimiter } from "./create-limiter.ts";
export type {
  Limiter,
  MemoryLimiter,
  ReserveOptions,
  WaitOptions,
} from "./limiter.ts";
export type { Reservation } from "./reservation.ts";
export { LimitStoreError } from "./errors.ts";
export type {
  FixedWindowOptions,
  LimiterOptions,
  MemoryStoreOptions,
  OnStoreError,
  Policies,
  SlidingLogOptions,
  SlidingWindowOptions,
  SubjectLimit,
  TokenBucketOptions,
  VersionedLimit,
} from "./options.ts";
export { fixedWindow } from "./algorithms/fixed-window.ts";
export { slidingLog } from "./algorithms/sliding-log.ts";
export { slidingWindow } from "./algorithms/sliding-window.ts";
export { tokenBucket, tokenBucket as gcra } from "./algorithms/token-bucket.ts";
export { memoryStore } from "./stores/memory.ts";
export type { Allowed, Decision, LimitState, Refused } from "./decision.ts";
export type { Keys } from "./keys.ts";

export {
  createConcurrencyLimiter,
  type ConcurrencyLimiter,
  type ConcurrencyLimiterOptions,
} from "./concurrency-limiter.ts";
export type { Lease } from "./lease.ts";

// For authors of stores and algorithms.
export type { LeaseStore } from "./leases/lease-store.ts";
export type { LimitPolicy } from "./algorithms/algorithm.ts";
export type {
  BoundPolicy,
  LimitStore,
  MemoryStore,
  StoreAnswer,
  StoreCounts,
  StoreSession,
  SyncStoreSession,
} from "./stores/store.ts";
