import { Abort } from "./abort.ts";
import type { Call, CallContext } from "./call.ts";
import {
  unwatchAbort,
  watchAbort,
  withAbort,
  type CallScope,
} from "./context.ts";
import { Deadline, deadlinesOf, type Deadlines } from "./deadlines.ts";
import { ResilienceError } from "./errors.ts";

/** A limit on how long a call may take. */
export interface Limit {
  /** The policy that sets it; stands in the error. */
  readonly policy: string;
  /** When it strikes, on the scope's clock. */
  readonly endMs: number;
  /** How long that is from now; 0 or less: the time is over. */
  readonly limitMs: number;
  /** Whether the inside is told of it as its deadline. */
  readonly isDeadline: boolean;
  /** Whether to say in the error how long this process stood still meanwhile. */
  readonly ignoreStalls: boolean;
}

/**
 * What `call` gives, unless the limit or the abort of the context's signal comes first: then the signal handed to
 * `call` aborts, the result is whatever ended it, and nobody waits for `call` any more. A limit already past: no call.
 */
export const runUntil = <T>(
  limit: Limit,
  context: CallContext,
  scope: CallScope,
  call: Call<T>,
): Promise<T> =>
  new Promise((resolve, reject) => {
    if (limit.limitMs <= 0) {
      reject(expired(limit.policy, "the deadline had passed before the call"));
      return;
    }
    context.signal.throwIfAborted();
    new LimitedCall(limit, context, scope, resolve, reject).start(call);
  });

class LimitedCall<T> extends Deadline {
  readonly dueMs: number;
  readonly limitMs: number;
  readonly #limit: Limit;
  readonly #context: CallContext;
  readonly #scope: CallScope;
  readonly #deadlines: Deadlines;
  readonly #resolve: (value: T) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #aborts = new Abort();

  constructor(
    limit: Limit,
    context: CallContext,
    scope: CallScope,
    resolve: (value: T) => void,
    reject: (reason: unknown) => void,
  ) {
    super();
    this.dueMs = limit.endMs;
    this.limitMs = limit.limitMs;
    this.#limit = limit;
    this.#context = context;
    this.#scope = scope;
    this.#deadlines = deadlinesOf(scope.clock);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(call: Call<T>): void {
    this.#deadlines.add(this);
    watchAbort(this.#context, this.#scope, this.#abort);
    let result: T | PromiseLike<T>;
    try {
      result = call(this.#inside());
    } catch (error) {
      this.#fail(error);
      return;
    }
    Promise.resolve(result).then(this.#succeed, this.#fail);
  }

  #inside(): CallContext {
    const { isDeadline, endMs } = this.#limit;
    return withAbort(
      this.#context,
      this.#scope,
      this.#aborts,
      isDeadline ? endMs : undefined,
    );
  }

  expire(): void {
    const { policy, ignoreStalls } = this.#limit;
    this.#giveUp(
      expired(
        policy,
        `no result after ${Math.ceil(this.limitMs)} ms`,
        ignoreStalls && this.stalledMs > 0 ? this.stalledMs : undefined,
      ),
    );
  }

  readonly #abort = (): void => this.#giveUp(this.#context.signal.reason);

  readonly #succeed = (value: T): void => {
    this.#stop();
    this.#resolve(value);
  };

  readonly #fail = (error: unknown): void => {
    this.#stop();
    this.#reject(error);
  };

  #giveUp(reason: unknown): void {
    this.#stop();
    // First, so that what the abort sets off cannot come before it.
    this.#reject(reason);
    this.#aborts.abort(reason);
  }

  #stop(): void {
    this.#deadlines.remove(this);
    unwatchAbort(this.#context, this.#scope, this.#abort);
  }
}

const expired = (
  policy: string,
  message: string,
  stalledMs?: number,
): ResilienceError =>
  new ResilienceError("timeout", policy, `${policy}: ${message}`, {
    stalledMs,
  });
