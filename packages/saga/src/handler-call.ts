import { restoreError, type Call } from "./outcome.ts";
import { decodePayload } from "./payload.ts";
import { keyOf } from "./journal.ts";
import type { RunState } from "./run-state.ts";
import type { Step } from "./step.ts";

/** Copies of the outputs of the units before `unit`, by step. */
export const outputsBefore = (
  steps: readonly Step[],
  run: RunState,
  unit: number,
): Record<string, unknown> => {
  const outputs: Record<string, unknown> = {};
  for (const [at, step] of steps.entries()) {
    if (step.unit >= unit) break;
    outputs[step.name] = decodePayload(run.steps[at]?.output);
  }
  return outputs;
};

/** Calls the step's function with copies of all it may see. */
export const invoke = (
  { step, handler, attempt }: Call,
  steps: readonly Step[],
  run: RunState,
  epoch: number,
  signal: AbortSignal,
  log: (message: string) => void,
): unknown => {
  const { id, failure } = run;
  const forwardKey = keyOf(id, step.name, "execute");
  const seen = {
    id,
    input: decodePayload(run.input),
    steps: outputsBefore(steps, run, step.unit),
    signal,
  };
  switch (handler) {
    case "execute":
      return step.execute({ ...seen, key: forwardKey, attempt, epoch, log });
    case "find":
      return step.find?.({ ...seen, key: forwardKey });
    case "compensate":
      return step.compensate?.({
        ...seen,
        output: decodePayload(run.steps[steps.indexOf(step)]?.output),
        key: keyOf(id, step.name, "compensate"),
        forwardKey,
        attempt,
        epoch,
        log,
        cause: restoreError(
          failure?.error ?? { name: "Error", message: "unknown" },
        ),
      });
  }
};
