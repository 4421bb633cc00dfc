import type { Random } from "@dp/core";
import { Fatal, NotDone, Rejected, RetryAfter } from "./errors.ts";
import type { EntryBody, RecordedError } from "./journal.ts";
import { encodePayload } from "./payload.ts";
import { backoffMs, longestMs } from "./retry-plan.ts";
import type { RetryPlan, Step } from "./step.ts";
import type { StepState } from "./run-state.ts";

/** Which of a step's functions is called. */
export type Handler = "execute" | "find" | "compensate";

/** One call to make. */
export interface Call {
  readonly step: Step;
  readonly handler: Handler;
  readonly attempt: number;
  /** Whether this attempt was called before, by a process that did not live to tell. */
  readonly isRepeated: boolean;
}

/** How a call ended. */
export type CallEnd =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown };

const longestMessage = 2_000;

/** Some values that can be thrown cannot be made text. */
const textOf = (value: unknown): string => {
  try {
    return String(value).slice(0, longestMessage);
  } catch {
    return "something that cannot be shown";
  }
};

/** What of an error survives the process. Never throws, whatever was thrown. */
export const recordError = (error: unknown): RecordedError => {
  if (!(error instanceof Error))
    return { name: "Error", message: `thrown: ${textOf(error)}` };
  const { name, message, code } = error as Partial<
    Record<"name" | "message" | "code", unknown>
  >;
  return {
    name: typeof name === "string" ? name : "Error",
    ...(typeof code === "string" && { code }),
    message: textOf(message),
  };
};

/** An error like the one that was recorded. */
export const restoreError = ({ name, code, message }: RecordedError): Error => {
  const error = new Error(message);
  error.name = name;
  return code === undefined ? error : Object.assign(error, { code });
};

/** What an error means: whether another call may help, whether this one may have had an effect, how long to wait at least. */
interface Verdict {
  readonly mayRetry: boolean;
  readonly effect: "none" | "unknown";
  readonly floorMs: number;
}

const judge = (error: unknown, { retryIf }: RetryPlan): Verdict => {
  if (Rejected.is(error))
    return { mayRetry: false, effect: "none", floorMs: 0 };
  if (Fatal.is(error))
    return { mayRetry: false, effect: "unknown", floorMs: 0 };
  if (NotDone.is(error))
    return { mayRetry: true, effect: "none", floorMs: error.retryAfterMs ?? 0 };
  if (RetryAfter.is(error))
    return { mayRetry: true, effect: "unknown", floorMs: error.retryAfterMs };
  return { mayRetry: allows(retryIf, error), effect: "unknown", floorMs: 0 };
};

/** A `retryIf` that throws itself says nothing against another call. */
const allows = (retryIf: RetryPlan["retryIf"], error: unknown): boolean => {
  try {
    return retryIf(error);
  } catch {
    return true;
  }
};

/** The entry a call's end makes. */
export const entryOf = (
  call: Call,
  end: CallEnd,
  { attemptsForgiven, findFailures }: StepState,
  isBackward: boolean,
  maxPayload: number,
  random: Random,
): EntryBody => {
  const { step, handler, attempt } = call;
  const { name } = step;
  const plan = isBackward ? step.compensateRetry : step.retry;
  const isEndless = step.role === "retriable";
  /** In how many ms to call again after so many calls of this budget; undefined: not again. */
  const retryInMs = (
    { mayRetry, floorMs }: Verdict,
    calls: number,
  ): number | undefined =>
    isEndless || (mayRetry && calls < plan.attempts)
      ? Math.round(
          Math.min(
            longestMs,
            Math.max(floorMs, backoffMs(plan, calls, random)),
          ),
        )
      : undefined;

  const ended = end.ok ? outputOf(handler, end.value, maxPayload) : end;
  if (ended.ok) {
    const { payload } = ended;
    switch (handler) {
      case "execute":
        return { kind: "ok", step: name, attempt, payload };
      case "find":
        return ended.isFound
          ? { kind: "find", step: name, payload, detail: { found: true } }
          : { kind: "find", step: name, detail: { found: false } };
      case "compensate":
        return { kind: "compensate.ok", step: name, attempt };
    }
  }
  const error = recordError(ended.error);
  const verdict = judge(ended.error, plan);
  if (handler === "find")
    return {
      kind: "find",
      step: name,
      detail: {
        error,
        retryInMs: retryInMs({ ...verdict, mayRetry: true }, findFailures + 1),
      },
    };
  const inMs = retryInMs(verdict, attempt - attemptsForgiven);
  if (handler === "compensate")
    return {
      kind: "compensate.err",
      step: name,
      attempt,
      detail: { error, retryInMs: inMs },
    };
  // A repeated call says nothing of the one before it, whose process died.
  const effect = call.isRepeated ? "unknown" : verdict.effect;
  const mayRepeat =
    effect === "none" || step.onUnknown === "retry" || step.find !== undefined;
  return {
    kind: "err",
    step: name,
    attempt,
    detail: { error, effect, retryInMs: mayRepeat ? inMs : undefined },
  };
};

const outputOf = (
  handler: Handler,
  value: unknown,
  maxPayload: number,
):
  | {
      readonly ok: true;
      readonly payload: string | undefined;
      readonly isFound: boolean;
    }
  | { readonly ok: false; readonly error: unknown } => {
  if (handler === "compensate" || value === undefined)
    return { ok: true, payload: undefined, isFound: false };
  try {
    const payload = encodePayload(value, maxPayload);
    return { ok: true, payload, isFound: true };
  } catch (cause) {
    // It happened, and what it gave cannot be kept.
    return {
      ok: false,
      error: new Fatal(
        `the output cannot be kept: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      ),
    };
  }
};

/** What the run's result is made of, made: the payload of `completed`, or why there is none. */
export const completedEntry = (
  result: () => unknown,
  maxPayload: number,
): EntryBody => {
  try {
    const value = result();
    return {
      kind: "completed",
      payload:
        value === undefined ? undefined : encodePayload(value, maxPayload),
    };
  } catch (error) {
    return { kind: "completed", detail: { error: recordError(error) } };
  }
};
