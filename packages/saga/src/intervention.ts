import { isSettled } from "./backward.ts";
import type { SagaDefinition } from "./definition.ts";
import { AdminRefusedError } from "./errors.ts";
import { isFinal, type EntryBody } from "./journal.ts";
import { encodePayload } from "./payload.ts";
import type { RunState } from "./run-state.ts";

/** Who did it, and why. */
export interface Signature {
  readonly by: string;
  readonly note?: string | undefined;
}

/** What a person found out about a step. */
export interface Resolution extends Signature {
  /**
   * While the run goes forward: whether the step happened. While it goes backward: that its compensation is done (only
   * true makes sense: otherwise `retry`).
   */
  readonly done: boolean;
  /** What the step would have returned. */
  readonly output?: unknown;
}

/** The entry a person's decision makes in this run; undefined if there is nothing to do. Throws if it does not fit. */
export type Intervention = (
  definition: SagaDefinition,
  run: RunState,
) => EntryBody | undefined;

const refuse = (run: RunState, what: string): AdminRefusedError =>
  new AdminRefusedError(`run ${run.id} is ${run.state}: ${what}`);

/** Whether the run goes backward as soon as it is known what became of the steps it is stuck over. */
const hasToTurn = (
  { steps }: Pick<SagaDefinition, "steps">,
  run: RunState,
): boolean =>
  run.cancel !== undefined ||
  run.steps.some(
    ({ status }, at) =>
      status === "failed" &&
      run.stuck?.steps.includes(steps[at]?.name ?? "") === false,
  );

/** Gives a stuck run its budgets back. */
export const retrying =
  ({ by, note }: Partial<Signature>): Intervention =>
  (definition, run) => {
    if (run.state !== "stuck")
      throw refuse(run, "only a stuck run can be tried again");
    if (run.stuck?.reason === "unknown" && hasToTurn(definition, run))
      throw refuse(
        run,
        `it has to go backward and will not call ${run.stuck.steps.join(", ")} again: say by resolve() what became of it`,
      );
    return { kind: "admin.retry", detail: { by, note } };
  };

/** Says what became of a step. */
export const resolving =
  (
    name: string,
    { done, output, by, note }: Resolution,
    maxPayload: number,
  ): Intervention =>
  (definition, run) => {
    const at = definition.steps.findIndex((step) => step.name === name);
    const step = definition.steps[at];
    const state = run.steps[at];
    if (step === undefined || state === undefined)
      throw refuse(
        run,
        `there is no step ${name}, only ${definition.steps.map((each) => each.name).join(", ")}`,
      );
    if (run.state !== "stuck" && !state.alerted)
      throw refuse(run, `step ${name} does not wait for a person`);
    const isOpen = run.isBackward
      ? !isSettled(state) && state.status !== "cleared"
      : state.status !== "ok" && state.status !== "idle";
    if (!isOpen)
      throw refuse(run, `step ${name} is ${state.status}, not in question`);
    if (!done && run.isBackward)
      throw refuse(
        run,
        `a compensation of ${name} that is not done is tried again by retry()`,
      );
    if (!done && step.role === "retriable")
      throw refuse(
        run,
        `${name} comes after the pivot and has to be done in the end`,
      );
    return {
      kind: "admin.resolve",
      step: name,
      payload:
        output === undefined ? undefined : encodePayload(output, maxPayload),
      detail: { done, by, note },
    };
  };

/** Gives a run up as it is. */
export const abandoning =
  ({ by, note }: Signature): Intervention =>
  (definition, run) => {
    if (run.state === "abandoned") return undefined;
    if (isFinal(run.state)) throw refuse(run, "it has ended already");
    const leaked = definition.steps.filter((_step, at) => {
      const state = run.steps[at];
      return (
        state !== undefined && !isSettled(state) && state.status !== "cleared"
      );
    });
    return {
      kind: "abandoned",
      detail: { steps: leaked.map((step) => step.name), by, note },
    };
  };
