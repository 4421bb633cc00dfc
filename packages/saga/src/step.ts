import type { Duration } from "@dp/core";
import type { Jsonify } from "./jsonify.ts";

/** A value or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/** What every handler gets. Each call gets copies of its own that went through JSON. */
export interface StepCall<I, S> {
  /** The run's id. */
  readonly id: string;
  readonly input: Jsonify<I>;
  /** Outputs of the units before this one, by step. */
  readonly steps: S;
  /** Tells participants that two calls are one: the same over attempts, workers and restarts. */
  readonly key: string;
}

/** What `execute` gets. */
export interface ExecuteCall<I, S> extends StepCall<I, S> {
  /** From 1. A call repeated because its process died counts as the same attempt. */
  readonly attempt: number;
  /** Grows each time the run changes hands; a participant that can compare it may refuse a lower one. */
  readonly epoch: number;
  /** Aborts when the call has run out of time, its run goes backward, or this worker has lost the run. */
  readonly signal: AbortSignal;
  /** Tells the orchestrator's listeners. */
  readonly log: (message: string) => void;
}

/** What `find` gets: `key` is the key `execute` was called with. */
export interface FindCall<I, S> extends StepCall<I, S> {
  readonly signal: AbortSignal;
}

/** What `compensate` gets. */
export interface CompensateCall<I, S, O> extends ExecuteCall<I, S> {
  /** What `execute` returned; undefined if nobody knows whether it did anything. */
  readonly output: O;
  /** The key `execute` was called with. */
  readonly forwardKey: string;
  /** Why the run goes backward. Name, code and message survive a restart. */
  readonly cause: Error;
}

/** When a call that failed is made again. */
export interface StepRetry {
  /** Calls altogether; a crash is not one. @defaultValue 3, for `compensate` 10 */
  readonly attempts?: number | undefined;
  /** @defaultValue `{ initial: '100ms', factor: 2, max: '30s', jitter: 'full' }` */
  readonly backoff?:
    | Duration
    | {
        readonly initial: Duration;
        readonly factor?: number | undefined;
        readonly max?: Duration | undefined;
        readonly jitter?: "none" | "full" | undefined;
      }
    | undefined;
  /** Whether an error that is none of this package's may be tried again. @defaultValue always */
  readonly retryIf?: ((error: unknown) => boolean) | undefined;
}

/**
 * What to do about a call of which nobody knows whether it did anything: `retry` it with the same key, never repeat it
 * and go backward (`compensate`), or wait for a person (`park`). With `find` it is asked first; when it cannot tell for
 * as long as the attempts last, `retry` goes backward too.
 */
export type OnUnknown = "retry" | "compensate" | "park";

interface CommonOptions<I, S, O> {
  /** Does the step. Its output is kept in the journal. */
  readonly execute: (call: ExecuteCall<I, S>) => Awaitable<O>;
  readonly retry?: StepRetry | undefined;
  /** The time of one call, after which its signal aborts. @defaultValue '30s' */
  readonly timeout?: Duration | undefined;
}

/** What `find` may answer: undefined means "not done", anything else is the output. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- what a function without a return gives
export type Found<O> = [O] extends [void]
  ? null | undefined
  : Jsonify<O> | O | undefined;

type Find<I, S, O> = (call: FindCall<I, S>) => Awaitable<Found<O>>;

/** A step that can tell by `find` whether it happened: its compensation always gets the output. */
export interface CertainStep<I, S, O> extends CommonOptions<I, S, O> {
  /** Asks the participant whether `execute` happened. "Not done" must stay true: a late call has to be refused. */
  readonly find: Find<I, S, NoInfer<O>>;
  readonly compensate?:
    | ((call: CompensateCall<I, S, Jsonify<NoInfer<O>>>) => Awaitable<unknown>)
    | undefined;
  readonly compensateRetry?: StepRetry | undefined;
  /** @defaultValue 'retry' */
  readonly onUnknown?: OnUnknown | undefined;
}

/** A step that cannot tell whether it happened: its compensation may get no output. */
export interface UncertainStep<I, S, O> extends CommonOptions<I, S, O> {
  readonly find?: undefined;
  readonly compensate?:
    | ((
        call: CompensateCall<I, S, Jsonify<NoInfer<O>> | undefined>,
      ) => Awaitable<unknown>)
    | undefined;
  readonly compensateRetry?: StepRetry | undefined;
  /** @defaultValue 'retry' */
  readonly onUnknown?: OnUnknown | undefined;
}

/** The pivot, or a step after it: never compensated. */
export interface LastingStep<I, S, O> extends CommonOptions<I, S, O> {
  readonly find?: Find<I, S, NoInfer<O>> | undefined;
  readonly compensate?: undefined;
  readonly compensateRetry?: undefined;
  /** @defaultValue 'retry' */
  readonly onUnknown?: "retry" | "park" | undefined;
}

/** One direction's retry settings with the defaults filled in. */
export interface RetryPlan {
  readonly attempts: number;
  readonly initialMs: number;
  readonly factor: number;
  readonly maxMs: number;
  readonly jitter: boolean;
  readonly retryIf: (error: unknown) => boolean;
}

/**
 * What a step is to the run: before the pivot it can be compensated; the pivot decides; what comes after it is retried
 * until it succeeds.
 */
export type StepRole = "compensatable" | "pivot" | "retriable";

/** A declared step without its types, as the engine sees it. */
export interface Step {
  readonly name: string;
  /** Which unit of the saga it is in; the steps of a group share one. */
  readonly unit: number;
  readonly role: StepRole;
  readonly execute: (call: ExecuteCall<unknown, unknown>) => unknown;
  readonly find: ((call: FindCall<unknown, unknown>) => unknown) | undefined;
  readonly compensate:
    ((call: CompensateCall<unknown, unknown, unknown>) => unknown) | undefined;
  readonly retry: RetryPlan;
  readonly compensateRetry: RetryPlan;
  readonly timeoutMs: number;
  readonly onUnknown: OnUnknown;
}
