import type { Call, CallContext } from "./call.ts";
import type { Outcome } from "./classify.ts";
import type { CallScope } from "./context.ts";

/** An {@link Outcome} that still knows the type of its value. */
export type OutcomeOf<T> =
  | { readonly ok: true; readonly value: T; readonly elapsedMs: number }
  | Extract<Outcome, { ok: false }>;

/** Like an awaited call, but a failure is a value too. Takes the time only if there is a classify that may ask for it. */
export const outcomeOf = async <T>(
  next: Call<T>,
  context: CallContext,
  scope: CallScope,
): Promise<OutcomeOf<Awaited<T>>> => {
  const startedMs = scope.classify === undefined ? 0 : scope.clock.now();
  const elapsedMs = (): number =>
    scope.classify === undefined ? 0 : scope.clock.now() - startedMs;
  try {
    const value = await next(context);
    return { ok: true, value, elapsedMs: elapsedMs() };
  } catch (error) {
    return { ok: false, error, elapsedMs: elapsedMs() };
  }
};
