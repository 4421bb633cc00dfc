import { isSettled } from "./backward.ts";
import type { SagaDefinition } from "./definition.ts";
import { gateOf } from "./deliberation.ts";
import { keyOf, type SagaState } from "./journal.ts";
import { decodePayload } from "./payload.ts";
import type { RunState } from "./run-state.ts";

/** What would become of one step. */
export interface PlannedCompensation {
  readonly step: string;
  /**
   * `compensate` with its output; `find` first, because nobody knows whether it happened; `compensate-unknown`: without
   * its output; `skip`: it declares no compensation.
   */
  readonly action: "compensate" | "find" | "compensate-unknown" | "skip";
  readonly output: unknown;
  /** The key of the call: of `execute` for `find`, else of `compensate`. */
  readonly key: string;
}

/** What going backward from here would do. */
export interface CompensationPlan {
  readonly id: string;
  readonly state: SagaState;
  /** False once the pivot's intent is written, and at the end: then `units` is what would be undone if it were possible. */
  readonly isPossible: boolean;
  /** In the order in which they would run; those of one unit run together. */
  readonly units: readonly (readonly PlannedCompensation[])[];
}

/** What going backward from here would do, as far as the journal tells. */
export const planOf = (
  definition: SagaDefinition,
  run: RunState,
): CompensationPlan => ({
  id: run.id,
  state: run.state,
  isPossible: run.isBackward
    ? run.state === "compensating" || run.state === "stuck"
    : run.state !== "completed" &&
      run.state !== "abandoned" &&
      gateOf(definition, run) === "open",
  units: definition.units
    .toReversed()
    .map(({ steps }) =>
      steps.flatMap((step): PlannedCompensation[] => {
        const state = run.steps[definition.steps.indexOf(step)];
        if (
          state === undefined ||
          isSettled(state) ||
          state.status === "cleared" ||
          step.role !== "compensatable"
        )
          return [];
        const isKnown = state.status === "ok" || state.output !== undefined;
        const action =
          step.compensate === undefined
            ? "skip"
            : isKnown
              ? "compensate"
              : step.find === undefined
                ? "compensate-unknown"
                : "find";
        return [
          {
            step: step.name,
            action,
            output: decodePayload(state.output),
            key: keyOf(
              run.id,
              step.name,
              action === "find" ? "execute" : "compensate",
            ),
          },
        ];
      }),
    )
    .filter((unit) => unit.length > 0),
});
