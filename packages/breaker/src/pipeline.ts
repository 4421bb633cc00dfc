import {
  durationMs,
  systemClock,
  systemRandom,
  type Duration,
  type MetricFamily,
  type MetricSource,
} from "@dp/core";
import { Abort } from "./abort.ts";
import type { Call, CallContext } from "./call.ts";
import { createContext, scopeOf, type CallScope } from "./context.ts";
import { mergeMetrics } from "./merge-metrics.ts";
import type { Policy, PolicySettings, Yield } from "./policy.ts";
import { runUntil } from "./run-until.ts";

/** What one call through a pipeline can bring along. */
export interface RunOptions {
  /** Ends the call when it aborts. What the call does then is judged `ignore`. */
  readonly signal?: AbortSignal | undefined;
  /** How long the whole call may take. Then it is aborted and rejects with a `ResilienceError` of kind `timeout`. */
  readonly deadline?: Duration | undefined;
  /** Handed to the call and its policies as `context.key`. */
  readonly key?: string | undefined;
  /** Handed to the call and its policies as `context.priority`. */
  readonly priority?: number | undefined;
  /**
   * Whether the operation may be run more than once. If false, retry and hedge run it once.
   *
   * @defaultValue true
   */
  readonly repeatable?: boolean | undefined;
  /**
   * Called with every value that retry or hedge gives up for that of another run, by retry before its pause: to free
   * what the value holds. Must not throw.
   *
   * @defaultValue none: results hold nothing
   */
  readonly discard?: ((value: unknown) => void) | undefined;
}

/**
 * Policies around a call, the first one outermost. A pipeline is a policy itself, so pipelines nest.
 *
 * `F` is what its fallbacks can put in place of a result. It keeps nothing between calls; its policies may, so share
 * the pipeline wherever they should be shared.
 */
export interface Pipeline<F = never> extends Policy<F>, MetricSource {
  /**
   * Calls `call` through all policies. Rejects with what they reject with: the operation's own error, or a
   * `ResilienceError`. Throws nothing synchronously; an aborted signal rejects with its reason before any call.
   */
  run<T>(call: Call<T>, options?: RunOptions): Promise<T | F>;
  /** `fn` guarded: a function of the same arguments but the context. */
  wrap<A extends unknown[], T>(
    fn: (context: CallContext, ...args: A) => T | PromiseLike<T>,
  ): (...args: A) => Promise<T | F>;
  /** Like `run`, with the error as a value. Never rejects. */
  try<T>(
    call: Call<T>,
    options?: RunOptions,
  ): Promise<{ ok: true; value: T | F } | { ok: false; error: unknown }>;
}

interface CreatePipeline {
  <P extends readonly Policy<unknown>[]>(
    settings: PolicySettings & { readonly execute?: undefined },
    ...policies: P
  ): Pipeline<Yield<P[number]>>;
  <P extends readonly Policy<unknown>[]>(
    ...policies: P
  ): Pipeline<Yield<P[number]>>;
}

/**
 * Creates a {@link Pipeline}. Optional settings come first: `classify` says what counts, in one place for all policies;
 * `clock` and `random` serve every policy that has none of its own.
 *
 * A good order from the outside in: fallback, timeout (total), retry, breaker, timeout (one attempt).
 */
export const pipeline: CreatePipeline = (
  ...parts: readonly (PolicySettings | Policy<unknown>)[]
) => {
  const [first, ...rest] = parts;
  return first === undefined || isPolicy(first)
    ? new PolicyPipeline<never>({}, parts.filter(isPolicy))
    : new PolicyPipeline<never>(first, rest.filter(isPolicy));
};

const isPolicy = (
  part: PolicySettings | Policy<unknown>,
): part is Policy<unknown> => "execute" in part;

class PolicyPipeline<F> implements Pipeline<F> {
  readonly name = "pipeline";
  readonly #settings: PolicySettings;
  readonly #policies: readonly Policy<unknown>[];
  /** Clock and random by which it runs: its own, else those of the first pipeline around it that has some. */
  #adopted: Pick<PolicySettings, "clock" | "random">;

  constructor(settings: PolicySettings, policies: readonly Policy<unknown>[]) {
    this.#settings = settings;
    this.#policies = policies;
    this.#adopted = {};
    this.adopt(settings);
  }

  run<T>(call: Call<T>, options: RunOptions = {}): Promise<T | F> {
    // Not async: the promise of the outermost policy is handed on as it is, which saves three turns of the microtasks.
    try {
      return this.#start(call, options);
    } catch (error) {
      return rejected(error);
    }
  }

  wrap<A extends unknown[], T>(
    fn: (context: CallContext, ...args: A) => T | PromiseLike<T>,
  ): (...args: A) => Promise<T | F> {
    return (...args) => this.run((context) => fn(context, ...args));
  }

  async try<T>(
    call: Call<T>,
    options?: RunOptions,
  ): Promise<{ ok: true; value: T | F } | { ok: false; error: unknown }> {
    try {
      return { ok: true, value: await this.run(call, options) };
    } catch (error) {
      return { ok: false, error };
    }
  }

  execute<T>(next: Call<T>, context: CallContext): Promise<T | F> {
    return this.#through(next, this.#within(context));
  }

  adopt({ clock, random }: PolicySettings): void {
    this.#adopted = {
      clock: this.#adopted.clock ?? clock,
      random: this.#adopted.random ?? random,
    };
    for (const policy of this.#policies) policy.adopt?.(this.#adopted);
  }

  isIdle(): boolean {
    return this.#policies.every((policy) => policy.isIdle?.() ?? true);
  }

  metrics(): MetricFamily[] {
    return mergeMetrics(
      this.#policies.filter(
        (policy): policy is Policy<unknown> & MetricSource =>
          "metrics" in policy,
      ),
    );
  }

  #start<T>(call: Call<T>, options: RunOptions): Promise<T | F> {
    const {
      signal,
      deadline,
      key,
      priority,
      repeatable = true,
      discard,
    } = options;
    signal?.throwIfAborted();
    const aborts = signal === undefined ? new Abort() : undefined;
    const own = signal ?? (aborts as Abort).signal;
    const scope: CallScope = {
      clock: this.#adopted.clock ?? systemClock,
      random: this.#adopted.random ?? systemRandom,
      classify: this.#settings.classify,
      caller: signal,
      aborts,
      timed: false,
      repeatable,
      interest: undefined,
      discard,
    };
    if (deadline === undefined)
      return this.#through(
        call,
        createContext(scope, own, 1, Infinity, key, priority),
      );
    const limitMs = durationMs(deadline, "deadline");
    const endMs = scope.clock.now() + limitMs;
    const context = createContext(scope, own, 1, endMs, key, priority);
    return runUntil(
      {
        policy: "deadline",
        endMs,
        limitMs,
        isDeadline: false,
        ignoreStalls: true,
      },
      context,
      scope,
      (inner) => this.#through(call, inner),
    );
  }

  /** The context of a surrounding pipeline with this one's settings over it. */
  #within(context: CallContext): CallContext {
    const { clock, random, classify } = this.#settings;
    if (clock === undefined && random === undefined && classify === undefined)
      return context;
    const outer = scopeOf(context);
    const scope: CallScope = {
      ...outer,
      clock: clock ?? outer.clock,
      random: random ?? outer.random,
      classify: classify ?? outer.classify,
    };
    // The same moment on another clock.
    const deadlineMs =
      clock === undefined || context.deadlineMs === Infinity
        ? context.deadlineMs
        : clock.now() + context.remainingMs();
    return createContext(
      scope,
      context.signal,
      context.attempt,
      deadlineMs,
      context.key,
      context.priority,
    );
  }

  #through<T>(call: Call<T>, context: CallContext): Promise<T | F> {
    let next: Call<unknown> = call;
    for (let index = this.#policies.length - 1; index > 0; index--)
      next = inside(this.#policies[index] as Policy<unknown>, next);
    const [outermost] = this.#policies;
    const result =
      outermost === undefined
        ? new Promise((resolve) => resolve(call(context)))
        : outermost.execute(next, context);
    return result as Promise<T | F>;
  }
}

const inside =
  (policy: Policy<unknown>, next: Call<unknown>): Call<unknown> =>
  (context) =>
    policy.execute(next, context);

const rejected = (error: unknown): Promise<never> =>
  new Promise(() => {
    throw error;
  });
