// For everyone.
export { createLimiter } from "./create-limiter.ts";
export type { Limiter, MemoryLimiter } from "./limiter.ts";
export type {
  FixedWindowOptions,
  LimiterOptions,
  MemoryStoreOptions,
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

// For authors of stores and algorithms.
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
