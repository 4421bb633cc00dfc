// For everyone: the circuit breaker.
export { breaker, type CircuitBreaker } from "./circuit-breaker.ts";
export type { BreakerOptions, RetryOptions } from "./options.ts";
export type { Permit } from "./permit.ts";
export type {
  BreakerEvent,
  BreakerInspection,
  BreakerSnapshot,
  CircuitState,
  Counts,
  Why,
  WhyData,
} from "./circuit-state.ts";
export {
  breakerRegistry,
  type BreakerRegistry,
  type BreakerRegistryOptions,
} from "./registry.ts";
export { anyOf } from "./trip/any-of.ts";
export { consecutive } from "./trip/consecutive.ts";
export { countRate, type CountRateOptions } from "./trip/count-rate.ts";
export { slowRate, type SlowRateOptions } from "./trip/slow-rate.ts";
export { failureRate, type FailureRateOptions } from "./trip/failure-rate.ts";

// For everyone: policies around a call.
export { pipeline, type Pipeline, type RunOptions } from "./pipeline.ts";
export { retry } from "./retry/retry.ts";
export {
  retryBudget,
  type RetryBudget,
  type RetryBudgetOptions,
} from "./retry/retry-budget.ts";
export { timeout, type TimeoutOptions } from "./timeout.ts";
export { fallback } from "./fallback.ts";
export { chaos, type ChaosOptions } from "./chaos.ts";
export { coalesce, type CoalesceOptions } from "./coalesce.ts";
export { keyed, type Keyed, type KeyedOptions } from "./keyed/keyed.ts";
export { hedge, type HedgeOptions } from "./hedge/hedge.ts";
export {
  hedgeBudget,
  type HedgeBudget,
  type HedgeBudgetOptions,
} from "./hedge/hedge-budget.ts";
export {
  quantile,
  type Quantile,
  type QuantileOptions,
} from "./hedge/quantile.ts";
export {
  throttle,
  type Throttle,
  type ThrottleOptions,
} from "./throttle/throttle.ts";
export {
  concurrencyLimit,
  type ConcurrencyLimit,
  type ConcurrencyLimitOptions,
} from "./concurrency-limit.ts";
export { aimd, type AimdOptions } from "./concurrency/aimd.ts";
export { gradient2, type Gradient2Options } from "./concurrency/gradient2.ts";
export { vegas, type VegasOptions } from "./concurrency/vegas.ts";
export {
  bulkhead,
  type Bulkhead,
  type BulkheadOptions,
} from "./bulkhead/bulkhead.ts";

// For everyone: waiting, and what counts.
export { constant } from "./backoff/constant.ts";
export {
  exponential,
  type ExponentialOptions,
  type Jitter,
} from "./backoff/exponential.ts";
export {
  defaultClassify,
  type Classify,
  type Outcome,
  type Verdict,
} from "./classify.ts";
export { ResilienceError, type ResilienceKind } from "./errors.ts";
export type { Call, CallContext } from "./call.ts";

// For authors of policies, trips and backoffs.
export type { Policy, PolicySettings, Yield } from "./policy.ts";
export type {
  FlightWatch,
  Trip,
  TripDescription,
  TripWindow,
} from "./trip/trip.ts";
export type { Hint, HintChannel } from "./hints/hint-channel.ts";
export type {
  LimitAlgorithm,
  LimitBounds,
  LimitSample,
} from "./concurrency/limit.ts";
export type { Backoff } from "./backoff/backoff.ts";
