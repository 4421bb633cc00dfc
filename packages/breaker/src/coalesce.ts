import { requireText, type MetricFamily, type MetricSource } from "@dp/core";
import { Abort } from "./abort.ts";
import type { Call, CallContext } from "./call.ts";
import {
  createContext,
  isUnwanted,
  scopeOf,
  unwatchAbort,
  watchAbort,
  type CallScope,
  type Interest,
} from "./context.ts";
import type { Policy } from "./policy.ts";

/** What {@link coalesce} can be told beside its key. */
export interface CoalesceOptions {
  /** Stands in metrics. @defaultValue 'coalesce' */
  readonly name?: string | undefined;
}

/**
 * Lets calls of the same key that overlap share one run and its result: the very same value or error, so share nothing
 * that can be read only once. A call whose key is undefined runs alone. Nothing is kept after the run has ended.
 *
 * Each caller may give up on its own, by its signal or a timeout outside; the run is aborted when all have. The run has
 * no deadline of its own, because callers have different ones: put a `timeout` inside.
 */
export const coalesce = (
  key: (context: CallContext) => string | undefined,
  options: CoalesceOptions = {},
): Policy & MetricSource =>
  new Coalesce(key, requireText("name", options.name ?? "coalesce"));

class Coalesce implements Policy, MetricSource {
  readonly name: string;
  readonly #key: (context: CallContext) => string | undefined;
  readonly #runs = new Map<string, SharedRun>();
  #shared = 0;

  constructor(key: (context: CallContext) => string | undefined, name: string) {
    this.name = name;
    this.#key = key;
  }

  execute<T>(next: Call<T>, context: CallContext): Promise<T> {
    return new Promise((resolve, reject) => {
      context.signal.throwIfAborted();
      const key = this.#key(context);
      if (key === undefined) {
        resolve(next(context));
        return;
      }
      const scope = scopeOf(context);
      const found = this.#runs.get(key);
      const run = found ?? new SharedRun(() => this.#forget(key, run));
      run.join(context, scope, resolve as (value: unknown) => void, reject);
      if (found === undefined) {
        this.#runs.set(key, run);
        // Last: the call may abort its caller before its first await.
        run.start(next, context, scope);
      } else this.#shared++;
    });
  }

  metrics(): MetricFamily[] {
    const labels = { policy: this.name };
    return [
      {
        name: "dp_breaker_coalesced_total",
        help: "Calls that shared the run of another.",
        type: "counter",
        samples: [{ labels, value: this.#shared }],
      },
      {
        name: "dp_breaker_coalesce_runs",
        help: "Runs under way.",
        type: "gauge",
        samples: [{ labels, value: this.#runs.size }],
      },
    ];
  }

  /** Another run may have taken its place, when everyone had given it up. */
  #forget(key: string, run: SharedRun): void {
    if (this.#runs.get(key) === run) this.#runs.delete(key);
  }
}

/** One run and those who wait for it. */
class SharedRun implements Interest {
  lost = false;
  readonly outer = undefined;
  readonly #aborts = new Abort();
  readonly #result: Promise<unknown>;
  readonly #start: (result: unknown) => void;
  readonly #forget: () => void;
  #waiting = 0;
  #hasEnded = false;

  constructor(forget: () => void) {
    let start: ((result: unknown) => void) | undefined;
    this.#result = new Promise((resolve) => {
      start = resolve;
    });
    this.#start = start as unknown as (result: unknown) => void;
    this.#forget = forget;
    const end = (): void => {
      this.#hasEnded = true;
      forget();
    };
    this.#result.then(end, end);
  }

  start(next: Call<unknown>, context: CallContext, scope: CallScope): void {
    const shared = createContext(
      {
        ...scope,
        // Who gives up is found out by `lost`: the first caller may go while others stay.
        caller: undefined,
        aborts: this.#aborts,
        timed: false,
        interest: this,
      },
      this.#aborts.signal,
      context.attempt,
      Infinity,
      context.key,
      context.priority,
    );
    this.#start(new Promise((resolve) => resolve(next(shared))));
  }

  join(
    context: CallContext,
    scope: CallScope,
    resolve: (value: unknown) => void,
    reject: (reason: unknown) => void,
  ): void {
    this.#waiting++;
    const leave = (): void => {
      const reason: unknown = context.signal.reason;
      reject(reason);
      this.#waiting--;
      if (this.#waiting === 0 && !this.#hasEnded)
        this.#giveUp(isUnwanted(scope), reason);
    };
    watchAbort(context, scope, leave);
    const stop = (): void => unwatchAbort(context, scope, leave);
    this.#result.then(
      (value) => {
        stop();
        resolve(value);
      },
      (error: unknown) => {
        stop();
        reject(error);
      },
    );
  }

  /** Nobody waits any more. If the last to go was out of time rather than out of interest, the run has failed. */
  #giveUp(lost: boolean, reason: unknown): void {
    this.lost = lost;
    // First, so that who comes now has a run of its own.
    this.#forget();
    this.#aborts.abort(reason);
  }
}
