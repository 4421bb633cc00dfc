import { systemClock, systemRandom, type Clock, type Random } from "@dp/core";
import type { CallContext } from "./call.ts";
import {
  defaultClassify,
  type Classify,
  type Outcome,
  type Verdict,
} from "./classify.ts";

/** What the policies of this package know about a call beside its public context. Travels with copies of it. */
export interface CallScope {
  readonly clock: Clock;
  readonly random: Random;
  /** Undefined: nobody in the pipelines around has set one. */
  readonly classify: Classify | undefined;
  /** The signal of the caller; undefined: there is none, the caller cannot abort. */
  readonly caller: AbortSignal | undefined;
  /** A signal known never to abort, so that nobody need listen to it. */
  readonly inert: AbortSignal | undefined;
  /** Whether a timeout further out has set the deadline. */
  readonly timed: boolean;
}

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
    inert: undefined,
    timed: false,
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
 * What an outcome counts as, for every policy: `ignore` if the call failed after its caller aborted, otherwise what the
 * pipeline's classify says, else the policy's own, else the default.
 */
export const judge = (
  scope: CallScope,
  outcome: Outcome,
  own?: Classify,
): Verdict =>
  !outcome.ok && scope.caller?.aborted === true
    ? "ignore"
    : (scope.classify ?? own ?? defaultClassify)(outcome);

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
  inert: undefined,
  timed: false,
};
