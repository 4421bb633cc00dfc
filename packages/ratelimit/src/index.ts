// For everyone.
export { createLimiter } from "./create-limiter.ts";
export type { Limiter, MemoryLimiter } from "./limiter.ts";
export type {
  LimiterOptions,
  MemoryStoreOptions,
  Policies,
  SubjectLimit,
  TokenBucketOptions,
  VersionedLimit,
} from "./options.ts";
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
