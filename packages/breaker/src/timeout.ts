import { requireDuration, requireText, type Duration } from "@dp/core";
import type { Call, CallContext } from "./call.ts";
import { createContext, scopeOf } from "./context.ts";
import { runUntil } from "./run-until.ts";
import type { Policy } from "./policy.ts";

/** What {@link timeout} can be told beside its duration. */
export interface TimeoutOptions {
  /** Stands in errors. @defaultValue 'timeout' */
  readonly name?: string | undefined;
}

/**
 * Stops waiting for a call after `duration`: aborts its signal and rejects with a `ResilienceError` of kind `timeout`.
 * What the call does after that is noticed by nobody.
 *
 * The signal is the call's own: it aborts on timeout or when the caller aborts (then the call is given up with the
 * caller's reason, not as a timeout), and never after the call has ended. The first timeout of a pipeline also sets
 * the deadline that everything inside can see; a later one leaves it and is cut at it. A call that would begin past
 * the deadline is refused. Costs one timer while the call is under way.
 */
export const timeout = (
  duration: Duration,
  options: TimeoutOptions = {},
): Policy => {
  const limitMs = requireDuration("timeout", duration, 1);
  const name = requireText("name", options.name ?? "timeout");
  return {
    name,
    execute<T>(next: Call<T>, context: CallContext): Promise<T> {
      const scope = scopeOf(context);
      const endMs = Math.min(scope.clock.now() + limitMs, context.deadlineMs);
      return runUntil(name, endMs, context, scope, (signal) =>
        next(
          createContext(
            { ...scope, timed: true },
            signal,
            context.attempt,
            scope.timed ? context.deadlineMs : endMs,
            context.key,
            context.priority,
          ),
        ),
      );
    },
  };
};
