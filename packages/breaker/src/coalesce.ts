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
 * that can be read only once. A call whose key is undefined runs alone,
 * and so does one run with `repeatable: false`: it is to happen once for each caller. Nothing is kept after the run has ended.
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
      const scope = scopeOf(context);
      const key = scope.repeatable ? this.#key(context) : undefined;
      if (key === undefined) {
        resolve(next(context));
        return;
      }
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

  isIdle(): boolean {
    return this.#runs.size === 0;
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

/** One who waits for a run. */
interface Joined {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  /** No longer listens to the abort. */
  readonly stop: () => void;
}

/** One run and those who wait for it. */
class SharedRun implements Interest {
  lost = false;
  readonly outer = undefined;
  readonly #aborts = new Abort();
  readonly #forget: () => void;
  /** Those who wait. Who has left is not kept, however long the run goes on. */
  readonly #joined = new Set<Joined>();

  constructor(forget: () => void) {
    this.#forget = forget;
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
    new Promise((resolve) => resolve(next(shared))).then(
      (value) => this.#end(({ resolve }) => resolve(value)),
      (error: unknown) => this.#end(({ reject }) => reject(error)),
    );
  }

  join(
    context: CallContext,
    scope: CallScope,
    resolve: (value: unknown) => void,
    reject: (reason: unknown) => void,
  ): void {
    const leave = (): void => {
      const reason: unknown = context.signal.reason;
      reject(reason);
      this.#joined.delete(joined);
      if (this.#joined.size === 0) this.#giveUp(isUnwanted(scope), reason);
    };
    const stop = (): void => unwatchAbort(context, scope, leave);
    const joined: Joined = { resolve, reject, stop };
    this.#joined.add(joined);
    watchAbort(context, scope, leave);
  }

  #end(settle: (joined: Joined) => void): void {
    this.#forget();
    for (const joined of this.#joined) {
      joined.stop();
      settle(joined);
    }
  }

  /** Nobody waits any more. If the last to go was out of time rather than out of interest, the run has failed. */
  #giveUp(lost: boolean, reason: unknown): void {
    this.lost = lost;
    // First, so that who comes now has a run of its own.
    this.#forget();
    this.#aborts.abort(reason);
  }
}
