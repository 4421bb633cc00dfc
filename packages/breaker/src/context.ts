import { systemClock, systemRandom, type Clock, type Random } from "@dp/core";
import type { Abort } from "./abort.ts";
import type { CallContext } from "./call.ts";
import {
  defaultClassify,
  type Classify,
  type Outcome,
  type Verdict,
} from "./classify.ts";
import { ResilienceError } from "./errors.ts";

/** What the policies of this package know about a call beside its public context. Travels with copies of it. */
export interface CallScope {
  readonly clock: Clock;
  readonly random: Random;
  /** Undefined: nobody in the pipelines around has set one. */
  readonly classify: Classify | undefined;
  /** The signal of the caller; undefined: there is none, the caller cannot abort. */
  readonly caller: AbortSignal | undefined;
  /** Who aborts the context's signal, if it is one of this package. */
  readonly aborts: Abort | undefined;
  /** Whether a timeout further out has set the deadline. */
  readonly timed: boolean;
  /** Whether the operation may be run more than once. */
  readonly repeatable: boolean;
  /** Who waits for this run of the operation; undefined: nobody but the caller. */
  readonly interest: Interest | undefined;
  /** Told of a value that is given up for another, which only a policy that runs the operation again can do. */
  readonly discard: ((value: unknown) => void) | undefined;
}

/** Whether anybody still wants what a run of the operation gives, when several runs serve one call or one serves several. */
export interface Interest {
  /** Nobody does: another run has been quicker, or all callers have given up. */
  lost: boolean;
  /** That in the run around this one. */
  readonly outer: Interest | undefined;
}

/** Whether nobody wants the result any more: then a failure says nothing about the service. */
export const isUnwanted = ({ caller, interest }: CallScope): boolean => {
  if (caller?.aborted === true) return true;
  for (let each = interest; each !== undefined; each = each.outer)
    if (each.lost) return true;
  return false;
};

// Registered, so that two copies of the package in one process find each other's.
const scopeKey: unique symbol = Symbol.for("@dp/breaker.scope");

interface ScopedContext extends CallContext {
  readonly [scopeKey]?: CallScope;
}

/** The scope of a context; for a context made elsewhere one that takes its signal for the caller's. */
export const scopeOf = (context: CallContext): CallScope =>
  (context as ScopedContext)[scopeKey] ?? {
    clock: systemClock,
    random: systemRandom,
    classify: undefined,
    caller: context.signal,
    aborts: undefined,
    timed: false,
    repeatable: true,
    interest: undefined,
    discard: undefined,
  };

/** A context of its own fields only, so that spreading it keeps everything. */
export const createContext = (
  scope: CallScope,
  signal: AbortSignal,
  attempt: number,
  deadlineMs: number,
  key: string | undefined,
  priority: number | undefined,
): CallContext => {
  const { clock } = scope;
  const context: ScopedContext = {
    signal,
    attempt,
    deadlineMs,
    remainingMs:
      deadlineMs === Infinity ? endless : () => deadlineMs - clock.now(),
    key,
    priority,
    [scopeKey]: scope,
  };
  return context;
};

const endless = (): number => Infinity;

/**
 * A copy of the context whose signal is that of `aborts`, and whose deadline is `deadlineMs` if that is given. Who makes
 * it hands the aborts of the outer signal on, see {@link watchAbort}, and stops that when the call has ended.
 */
export const withAbort = (
  context: CallContext,
  {
    clock,
    random,
    classify,
    caller,
    timed,
    repeatable,
    interest,
    discard,
  }: CallScope,
  aborts: Abort,
  deadlineMs?: number,
): CallContext =>
  createContext(
    {
      clock,
      random,
      classify,
      caller,
      aborts,
      timed: timed || deadlineMs !== undefined,
      repeatable,
      interest,
      discard,
    },
    aborts.signal,
    context.attempt,
    deadlineMs ?? context.deadlineMs,
    context.key,
    context.priority,
  );

/** Calls `watcher` when the context's signal aborts, until {@link unwatchAbort}. Not if it has aborted already. */
export const watchAbort = (
  context: CallContext,
  scope: CallScope,
  watcher: () => void,
): void => {
  const { signal } = context;
  if (signal === scope.aborts?.signal) scope.aborts.watch(watcher);
  else signal.addEventListener("abort", watcher, { once: true });
};

export const unwatchAbort = (
  context: CallContext,
  scope: CallScope,
  watcher: () => void,
): void => {
  const { signal } = context;
  if (signal === scope.aborts?.signal) scope.aborts.unwatch(watcher);
  else signal.removeEventListener("abort", watcher);
};

/**
 * What an outcome counts as, for every policy: `ignore` if the call failed when nobody wanted it any more or timed out
 * because this process stood still, otherwise what the pipeline's classify says, else the policy's own, else the default.
 */
export const judge = (
  scope: CallScope,
  outcome: Outcome,
  own?: Classify,
): Verdict =>
  !outcome.ok && (isUnwanted(scope) || isOwnStall(outcome.error))
    ? "ignore"
    : (scope.classify ?? own ?? defaultClassify)(outcome);

/** Whether a timeout struck while this process itself stood still. */
const isOwnStall = (error: unknown): boolean =>
  ResilienceError.is(error) && error.stalledMs !== undefined;

/**
 * The context of a call that runs in no pipeline: nobody can abort it. The signal is made when somebody asks for it,
 * because most calls outside of pipelines do not.
 */
export class LoneContext implements CallContext {
  readonly attempt = 1;
  readonly deadlineMs: number = Infinity;
  readonly remainingMs: () => number = endless;
  #signal: AbortSignal | undefined;

  get signal(): AbortSignal {
    return (this.#signal ??= new AbortController().signal);
  }
}

/** The scope of a {@link LoneContext}. */
export const loneScope: CallScope = {
  clock: systemClock,
  random: systemRandom,
  classify: undefined,
  caller: undefined,
  aborts: undefined,
  timed: false,
  repeatable: true,
  interest: undefined,
  discard: undefined,
};
