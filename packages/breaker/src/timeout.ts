import { requireDuration, requireText, type Duration } from "@dp/core";
import type { Call, CallContext } from "./call.ts";
import { scopeOf } from "./context.ts";
import { runUntil } from "./run-until.ts";
import type { Policy } from "./policy.ts";

/** What {@link timeout} can be told beside its duration. */
export interface TimeoutOptions {
  /** Stands in errors. @defaultValue 'timeout' */
  readonly name?: string | undefined;
  /**
   * Whether a timeout is judged `ignore` when this process itself stood still for a tenth of the duration or more
   * (10 ms at least): then it says nothing about the service. The error tells how long, in `stalledMs`.
   *
   * @defaultValue true
   */
  readonly ignoreStalls?: boolean | undefined;
}

/**
 * Stops waiting for a call after `duration`: aborts its signal and rejects with a `ResilienceError` of kind `timeout`.
 * What the call does after that is noticed by nobody.
 *
 * The signal is the call's own: it aborts on timeout or when the caller aborts (then the call is given up with the
 * caller's reason, not as a timeout), and never after the call has ended. The first timeout of a pipeline also sets
 * the deadline that everything inside can see; a later one leaves it and is cut at it. A call that would begin past
 * the deadline is refused. All calls of one clock share one timer, so that a call in time costs none.
 *
 * When the process stood still while the time ran out, the call gets one more turn of the event loop: an answer that
 * has arrived meanwhile still counts.
 */
export const timeout = (
  duration: Duration,
  options: TimeoutOptions = {},
): Policy => {
  const durationMs = requireDuration("timeout", duration, 1);
  const policy = requireText("name", options.name ?? "timeout");
  const ignoreStalls = options.ignoreStalls ?? true;
  return {
    name: policy,
    execute<T>(next: Call<T>, context: CallContext): Promise<T> {
      const scope = scopeOf(context);
      const now = scope.clock.now();
      const endMs = Math.min(now + durationMs, context.deadlineMs);
      const limitMs = endMs - now;
      const isDeadline = !scope.timed;
      return runUntil(
        { policy, endMs, limitMs, isDeadline, ignoreStalls },
        context,
        scope,
        next,
      );
    },
  };
};
