import type { SagaDefinition } from "./definition.ts";
import type { CompensationReason } from "./errors.ts";
import type { EntryBody, StoredEntry, StuckReason } from "./journal.ts";
import {
  newRun,
  type RunState,
  type StepState,
  type StepStatus,
} from "./run-state.ts";
import type { Step } from "./step.ts";

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
