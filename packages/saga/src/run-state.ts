import type { CompensationReason } from "./errors.ts";
import type { SagaDefinition } from "./definition.ts";
import type {
  EntryBody,
  RecordedError,
  SagaState,
  StoredEntry,
  StuckReason,
} from "./journal.ts";
import type { Step } from "./step.ts";

/**
 * Where a step is.
 *
 * - `idle`: never called. `cleared`: called, and surely without effect; the next call is a new beginning.
 * - `called`: an intent without an outcome. Either the call is under way here, or nobody knows what became of it.
 * - `waiting`: failed, to be called again. `failed`: failed for good. `ok`: done.
 * - `compensating`, `compensate-waiting`, `compensate-failed`: the same of its compensation. `settled`: nothing is left.
 */
export type StepStatus =
  | "idle"
  | "cleared"
  | "called"
  | "waiting"
  | "failed"
  | "ok"
  | "compensating"
  | "compensate-waiting"
  | "compensate-failed"
  | "settled";

/** What the journal says of one step. */
export interface StepState {
  readonly status: StepStatus;
  /** The number of the next call in the direction the run goes. */
  readonly nextAttempt: number;
  /** Calls before the budget was last renewed. */
  readonly attemptsForgiven: number;
  /** `find` calls that could not say, since the budget was last renewed. */
  readonly findFailures: number;
  /** JSON. */
  readonly output: string | undefined;
  /** Whether a call that ended may have had an effect. */
  readonly owed: boolean;
  /** Not called earlier, by the store's clock. */
  readonly dueAtMs: number;
  readonly error: RecordedError | undefined;
  readonly alerted: boolean;
}

/** Why a run goes backward. */
export interface Failure {
  readonly step: string;
  readonly reason: CompensationReason;
  readonly error: RecordedError;
}

/** Why a run waits for a person. */
export interface Stuck {
  readonly reason: StuckReason;
  readonly steps: readonly string[];
  readonly error: RecordedError | undefined;
}

/** All the journal of a run says, folded. Immutable: each entry makes the next one. */
export interface RunState {
  readonly id: string;
  readonly state: SagaState;
  readonly isBackward: boolean;
  /** JSON. */
  readonly input: string;
  readonly startedAtMs: number;
  /** In the order of the definition's steps. */
  readonly steps: readonly StepState[];
  readonly cancel: string | undefined;
  readonly isOverdue: boolean;
  readonly failure: Failure | undefined;
  readonly stuck: Stuck | undefined;
  /** JSON; what `completed` says. */
  readonly result: string | undefined;
  /** What `completed` says when the result could not be made. */
  readonly resultError: RecordedError | undefined;
  /** Steps whose effects remain after `abandoned`. */
  readonly leaked: readonly string[];
}

const idle: StepState = {
  status: "idle",
  nextAttempt: 1,
  attemptsForgiven: 0,
  findFailures: 0,
  output: undefined,
  owed: false,
  dueAtMs: 0,
  error: undefined,
  alerted: false,
};

/** A run before its first entry. */
export const newRun = (
  id: string,
  { steps }: Pick<SagaDefinition, "steps">,
): RunState => ({
  id,
  state: "running",
  isBackward: false,
  input: "null",
  startedAtMs: 0,
  steps: steps.map(() => idle),
  cancel: undefined,
  isOverdue: false,
  failure: undefined,
  stuck: undefined,
  result: undefined,
  resultError: undefined,
  leaked: [],
});

const withStep = (
  run: RunState,
  steps: readonly Step[],
  name: string | undefined,
  change: (step: StepState) => StepState,
): RunState => {
  const at = steps.findIndex((step) => step.name === name);
  const before = run.steps[at];
  return before === undefined
    ? run
    : { ...run, steps: run.steps.with(at, change(before)) };
};

const failed = (
  step: StepState,
  entry: EntryBody,
  atMs: number,
  [waiting, final]: readonly [StepStatus, StepStatus],
): StepState => {
  const { error, effect, retryInMs } = entry.detail ?? {};
  return {
    ...step,
    status: retryInMs === undefined ? final : waiting,
    nextAttempt: (entry.attempt ?? step.nextAttempt) + 1,
    owed: step.owed || effect === "unknown",
    dueAtMs: atMs + (retryInMs ?? 0),
    error,
  };
};

/** What is known after `find` answered. */
const found = (
  step: StepState,
  { payload, detail }: EntryBody,
  isBackward: boolean,
  atMs: number,
): StepState => {
  if (detail?.found === true)
    return { ...step, status: "ok", output: payload, dueAtMs: 0 };
  if (detail?.found === false) {
    // One that failed for good is not called again only because it had no effect.
    const status =
      step.status === "failed" && !isBackward ? "failed" : "cleared";
    return { ...step, status, owed: false, dueAtMs: 0 };
  }
  const { error, retryInMs } = detail ?? {};
  return {
    ...step,
    error,
    findFailures: step.findFailures + 1,
    dueAtMs: atMs + (retryInMs ?? 0),
    ...(retryInMs === undefined &&
      isBackward && { status: "compensate-failed" as const }),
  };
};

/** A step that was stuck gets its budgets back. */
const forgiven = (step: StepState, isBackward: boolean): StepState => ({
  ...step,
  status: isBackward
    ? step.nextAttempt > 1
      ? "compensate-waiting"
      : "called"
    : "waiting",
  owed: true,
  attemptsForgiven: step.nextAttempt - 1,
  findFailures: 0,
  dueAtMs: 0,
});

/** Going backward every step gets fresh counters: the budgets of the two directions are separate. */
const turned = (step: StepState): StepState => ({
  ...step,
  nextAttempt: 1,
  attemptsForgiven: 0,
  findFailures: 0,
  dueAtMs: 0,
});

/** The run after one more entry. `atMs` is the entry's time. */
export const fold = (
  definition: Pick<SagaDefinition, "steps">,
  run: RunState,
  entry: EntryBody,
  atMs: number,
): RunState => {
  const { kind, step: name, payload, detail } = entry;
  const change = (to: (step: StepState) => StepState): RunState =>
    withStep(run, definition.steps, name, to);
  switch (kind) {
    case "started":
      return { ...run, input: payload ?? "null", startedAtMs: atMs };
    case "intent":
      return change((step) => ({
        ...step,
        status: "called",
        nextAttempt: entry.attempt ?? step.nextAttempt,
        dueAtMs: 0,
      }));
    case "ok":
      return change((step) => ({ ...step, status: "ok", output: payload }));
    case "err":
      return change((step) => failed(step, entry, atMs, ["waiting", "failed"]));
    case "find":
      return change((step) => found(step, entry, run.isBackward, atMs));
    case "cancel":
      return { ...run, cancel: detail?.reason ?? "" };
    case "deadline":
      return { ...run, isOverdue: true };
    case "compensating":
      return {
        ...run,
        state: "compensating",
        isBackward: true,
        failure: {
          step: name ?? "",
          reason: (detail?.reason ?? "failed") as CompensationReason,
          error: detail?.error ?? { name: "Error", message: "unknown" },
        },
        steps: run.steps.map(turned),
      };
    case "compensate.intent":
      return change((step) => ({
        ...step,
        status: "compensating",
        nextAttempt: entry.attempt ?? step.nextAttempt,
      }));
    case "compensate.ok":
    case "compensate.skip":
      return change((step) => ({ ...step, status: "settled" }));
    case "compensate.err":
      return change((step) =>
        failed(step, entry, atMs, ["compensate-waiting", "compensate-failed"]),
      );
    case "alert":
      return name === undefined
        ? { ...run, isOverdue: true }
        : change((step) => ({ ...step, alerted: true }));
    case "stuck":
      return {
        ...run,
        state: "stuck",
        stuck: {
          reason: (detail?.reason ?? "unknown") as StuckReason,
          steps: detail?.steps ?? [],
          error: detail?.error,
        },
      };
    case "admin.retry":
      return afterRetry(definition, run);
    case "admin.resolve":
      return {
        ...change((step) => resolved(step, entry, run.isBackward)),
        state: run.isBackward ? "compensating" : "running",
        stuck: undefined,
      };
    case "completed":
      return {
        ...run,
        state: "completed",
        result: payload,
        resultError: detail?.error,
      };
    case "compensated":
      return { ...run, state: "compensated" };
    case "abandoned":
      return { ...run, state: "abandoned", leaked: detail?.steps ?? [] };
  }
};

/** All a journal says. */
export const foldAll = (
  definition: Pick<SagaDefinition, "steps">,
  {
    id,
    entries,
  }: { readonly id: string; readonly entries: readonly StoredEntry[] },
): RunState => {
  let run = newRun(id, definition);
  for (const entry of entries) run = fold(definition, run, entry, entry.atMs);
  return run;
};

const afterRetry = (
  { steps }: Pick<SagaDefinition, "steps">,
  run: RunState,
): RunState => ({
  ...run,
  state: run.isBackward ? "compensating" : "running",
  stuck: undefined,
  steps:
    run.stuck === undefined || run.stuck.reason === "poison"
      ? run.steps
      : run.steps.map((step, at) =>
          run.stuck?.steps.includes(steps[at]?.name ?? "") === true
            ? forgiven(step, run.isBackward)
            : step,
        ),
});

const resolved = (
  step: StepState,
  { payload, detail }: EntryBody,
  isBackward: boolean,
): StepState => {
  if (isBackward) return { ...step, status: "settled" };
  return detail?.done === true
    ? { ...step, status: "ok", output: payload }
    : {
        ...step,
        status: "failed",
        owed: false,
        error: {
          name: "Resolved",
          message: detail?.note ?? "resolved by hand as not done",
        },
      };
};
