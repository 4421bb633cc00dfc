import type { Deliberation } from "./deliberation.ts";
import type { StepState } from "./run-state.ts";
import type { Step } from "./step.ts";

/** Goes on with the compensation of the last unit that is owed one. */
export const backward = (on: Deliberation): void => {
  for (const { steps } of on.definition.units.toReversed()) {
    for (const step of steps) if (!on.isBusy(step)) compensate(on, step);
    const open = steps.filter((step) => !isSettled(on.stateOf(step)));
    if (open.length === 0) continue;
    if (open.every((step) => on.stateOf(step).status === "compensate-failed"))
      on.write({
        kind: "stuck",
        detail: {
          reason: "compensate",
          steps: open.map(({ name }) => name),
          error: open[0] && on.stateOf(open[0]).error,
        },
      });
    return;
  }
  on.write({ kind: "compensated" });
};

/** Whether the step surely has no effect, or none any more. */
export const isSettled = ({ status, owed }: StepState): boolean =>
  status === "settled" ||
  status === "idle" ||
  (!owed && (status === "failed" || status === "waiting"));

const compensate = (on: Deliberation, step: Step): void => {
  const state = on.stateOf(step);
  switch (state.status) {
    case "compensating":
      on.call(step, "compensate", true);
      return;
    case "compensate-waiting":
      if (on.isDue(state)) on.call(step, "compensate");
      return;
    case "cleared":
      on.write({ kind: "compensate.skip", step: step.name });
      return;
    case "ok":
      undo(on, step);
      return;
    case "called":
    case "failed":
    case "waiting":
      if (isSettled(state)) return;
      if (step.compensate === undefined || step.find === undefined)
        undo(on, step);
      else if (on.isDue(state)) on.call(step, "find");
      return;
    default:
  }
};

const undo = (on: Deliberation, step: Step): void => {
  if (step.compensate === undefined)
    on.write({ kind: "compensate.skip", step: step.name });
  else on.call(step, "compensate");
};
