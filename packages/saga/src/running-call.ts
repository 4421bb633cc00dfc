import type { Clock } from "@dp/core";
import type { CallEnd } from "./outcome.ts";

/** A call under way. */
export interface RunningCall {
  /** Tells it to give up: its signal aborts, and what has not settled after the grace counts as failed. */
  abort(reason: Error): void;
}

class CallTimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/**
 * Calls `invoke` and tells `settle` once how it ended: as it did, within `timeoutMs` and, after an abort, within
 * `graceMs`. What happens later is not waited for; nobody knows then whether the call had an effect.
 */
export const startCall = (
  invoke: (signal: AbortSignal) => unknown,
  timeoutMs: number,
  graceMs: number,
  clock: Clock,
  settle: (end: CallEnd) => void,
): RunningCall => {
  const controller = new AbortController();
  let hasSettled = false;
  const end = (ended: CallEnd): void => {
    if (hasSettled) return;
    hasSettled = true;
    cancelTimer();
    settle(ended);
  };
  const abort = (reason: Error): void => {
    if (hasSettled || controller.signal.aborted) return;
    cancelTimer();
    cancelTimer = clock.schedule(graceMs, () =>
      end({ ok: false, error: reason }),
    );
    controller.abort(reason);
  };
  let cancelTimer = clock.schedule(timeoutMs, () =>
    abort(new CallTimeoutError(`the call took longer than ${timeoutMs} ms`)),
  );
  // A handler that throws before its first await fails like one that rejects.
  new Promise((resolve) => resolve(invoke(controller.signal))).then(
    (value) => end({ ok: true, value }),
    (error: unknown) => end({ ok: false, error }),
  );
  return { abort };
};
