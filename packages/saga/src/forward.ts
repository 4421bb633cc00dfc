import { backward } from "./backward.ts";
import type { Unit } from "./definition.ts";
import { gateOf, type Deliberation } from "./deliberation.ts";
import type { Failure, StepState } from "./run-state.ts";
import type { Step } from "./step.ts";

/** Goes on with the first unit that is not done, or turns back. */
export const forward = (on: Deliberation): void => {
  const { units } = on.definition;
  const unit = units.find(({ steps }) => steps.some((step) => !isOk(on, step)));
  if (unit !== undefined) watchDeadline(on);
  const failure = failureOf(on, unit);
  if (failure !== undefined) {
    turn(on, unit, failure);
    return;
  }
  if (unit === undefined) {
    on.write(on.around.complete(on.run));
    return;
  }
  for (const step of unit.steps) if (!on.isBusy(step)) advance(on, step);
  // What was just written may be a failure.
  const late = failureOf(on, unit);
  if (late !== undefined) {
    turn(on, unit, late);
    return;
  }
  const open = unit.steps.filter((step) => !isOk(on, step));
  if (open.length > 0 && open.every((step) => isParked(on, step)))
    park(on, open);
};

const isOk = (on: Deliberation, step: Step): boolean =>
  on.stateOf(step).status === "ok";

const watchDeadline = (on: Deliberation): void => {
  const { definition, run, around } = on;
  if (run.isOverdue) return;
  const deadlineMs = run.startedAtMs + definition.timeoutMs;
  if (deadlineMs > around.nowMs) on.decideAgainAt(deadlineMs);
  else if (gateOf(definition, run) === "open") on.write({ kind: "deadline" });
  else on.write({ kind: "alert", detail: { reason: "deadline" } });
};

/** Why the run must go backward, if it must. */
const failureOf = (
  on: Deliberation,
  unit: Unit | undefined,
): Failure | undefined => {
  const { run, definition } = on;
  for (const step of unit?.steps ?? []) {
    const { status, owed, error } = on.stateOf(step);
    if (
      status === "failed" &&
      (step.role === "compensatable" || (step.role === "pivot" && !owed))
    )
      return {
        step: step.name,
        reason: "failed",
        error: error ?? { name: "Error", message: "unknown" },
      };
  }
  const next =
    unit?.steps.find((step) => !isOk(on, step)) ?? definition.steps.at(-1);
  const step = next?.name ?? "";
  if (run.cancel !== undefined)
    return {
      step,
      reason: "cancelled",
      error: { name: "Cancelled", message: run.cancel },
    };
  if (run.isOverdue && gateOf(definition, run) === "open")
    return {
      step,
      reason: "deadline",
      error: {
        name: "DeadlineExceeded",
        message: `not done within ${definition.timeoutMs} ms`,
      },
    };
  return undefined;
};

/** Goes backward as soon as every call of the unit has settled and nobody has to be asked. */
const turn = (
  on: Deliberation,
  unit: Unit | undefined,
  { step, reason, error }: Failure,
): void => {
  const steps = unit?.steps ?? [];
  if (steps.some((each) => on.isBusy(each))) {
    on.abort = true;
    return;
  }
  const parked = steps.filter(
    (each) => each.onUnknown === "park" && isUnknowable(on, each),
  );
  if (parked.length > 0) {
    park(on, parked);
    return;
  }
  on.write({ kind: "compensating", step, detail: { reason, error } });
  backward(on);
};

const park = (on: Deliberation, steps: readonly Step[]): void =>
  on.write({
    kind: "stuck",
    detail: {
      reason: "unknown",
      steps: steps.map(({ name }) => name),
      error: steps.map((step) => on.stateOf(step).error).find(Boolean) ?? died,
    },
  });

const died = {
  name: "UnknownOutcome",
  message: "the process died during the call",
};

/** Whether nobody can tell what became of the step's calls. */
const isUnknowable = (on: Deliberation, step: Step): boolean => {
  const state = on.stateOf(step);
  const { status, owed } = state;
  return (
    (step.find === undefined || hasGivenUpAsking(step, state)) &&
    (status === "called" ||
      (owed && (status === "failed" || status === "waiting")))
  );
};

/** Whether only a person can say how the step goes on. */
const isParked = (on: Deliberation, step: Step): boolean => {
  const state = on.stateOf(step);
  if (state.status === "failed")
    return step.find === undefined || hasGivenUpAsking(step, state);
  return (
    state.status === "called" &&
    step.onUnknown === "park" &&
    step.find === undefined &&
    !on.isBusy(step)
  );
};

const advance = (on: Deliberation, step: Step): void => {
  const state = on.stateOf(step);
  switch (state.status) {
    case "idle":
    case "cleared":
      on.call(step, "execute");
      return;
    case "called":
      if (step.find !== undefined) ask(on, step, state);
      else if (step.onUnknown === "retry") on.call(step, "execute", true);
      else if (step.onUnknown === "compensate") giveUp(on, step, state);
      return;
    case "waiting":
      alert(on, step, state);
      if (state.owed && step.find !== undefined) ask(on, step, state);
      else if (on.isDue(state)) on.call(step, "execute");
      return;
    case "failed":
      if (step.role === "pivot" && step.find !== undefined) {
        if (!hasGivenUpAsking(step, state) && on.isDue(state))
          on.call(step, "find");
      }
      return;
    default:
  }
};

const hasGivenUpAsking = (step: Step, { findFailures }: StepState): boolean =>
  step.role !== "retriable" && findFailures >= step.retry.attempts;

/** Asks the participant before the step is called again. */
const ask = (on: Deliberation, step: Step, state: StepState): void => {
  if (hasGivenUpAsking(step, state)) giveUp(on, step, state);
  else if (on.isDue(state)) on.call(step, "find");
};

const giveUp = (on: Deliberation, step: Step, state: StepState): void =>
  on.write({
    kind: "err",
    step: step.name,
    attempt:
      state.status === "called" ? state.nextAttempt : state.nextAttempt - 1,
    detail: { error: state.error ?? died, effect: "unknown" },
  });

/** A step after the pivot is tried for ever; once it has used up its attempts somebody should know. */
const alert = (on: Deliberation, step: Step, state: StepState): void => {
  const { nextAttempt, attemptsForgiven, alerted, error } = state;
  const calls = nextAttempt - 1 - attemptsForgiven;
  if (step.role === "retriable" && !alerted && calls >= step.retry.attempts)
    on.write({ kind: "alert", step: step.name, detail: { error } });
};
