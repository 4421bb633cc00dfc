import type { CallContext } from "./call.ts";
import type { CallScope } from "./context.ts";
import { ResilienceError } from "./errors.ts";

/**
 * What `call` gives, unless `endMs` or the abort of the context's signal comes first: then the signal handed to `call`
 * aborts, the result is whatever ended it, and nobody waits for `call` any more. `endMs` already past: no call at all.
 */
export const runUntil = <T>(
  policy: string,
  endMs: number,
  context: CallContext,
  scope: CallScope,
  call: (signal: AbortSignal) => T | PromiseLike<T>,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const { clock } = scope;
    const fail: (error: unknown) => void = reject;
    const { signal: outer } = context;
    const limitMs = endMs - clock.now();
    if (limitMs <= 0) {
      reject(expired(policy, "the deadline had passed before the call"));
      return;
    }
    outer.throwIfAborted();
    const controller = new AbortController();
    const listens = outer !== scope.inert;
    const stop = (): void => {
      cancel();
      if (listens) outer.removeEventListener("abort", abort);
    };
    const giveUp = (reason: Error): void => {
      stop();
      // First, so that what the abort sets off cannot come before it.
      reject(reason);
      controller.abort(reason);
    };
    const abort = (): void => giveUp(outer.reason as Error);
    const cancel = clock.schedule(limitMs, () =>
      giveUp(expired(policy, `no result after ${Math.ceil(limitMs)} ms`)),
    );
    if (listens) outer.addEventListener("abort", abort, { once: true });

    // Async, so that a call that throws at once is one that rejects.
    const settled = async (): Promise<T> => call(controller.signal);
    settled().then(
      (value) => {
        stop();
        resolve(value);
      },
      (error: unknown) => {
        stop();
        fail(error);
      },
    );
  });

const expired = (policy: string, message: string): ResilienceError =>
  new ResilienceError("timeout", policy, `${policy}: ${message}`);
