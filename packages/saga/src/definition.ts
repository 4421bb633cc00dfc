import type { Step } from "./step.ts";

/** Steps that run together: one, or the members of a group. */
export interface Unit {
  readonly steps: readonly Step[];
}

/**
 * A declared saga: make one with `saga(name)…result(…)`. Plain data and functions; it can be started by any orchestrator
 * it is registered with.
 */
export interface SagaDefinition<I = unknown, R = unknown> {
  readonly name: string;
  readonly version: number;
  /** How long a run may go forward. */
  readonly timeoutMs: number;
  readonly units: readonly Unit[];
  /** All steps, in order. */
  readonly steps: readonly Step[];
  /** The index of the pivot's unit, or of none: `Infinity`. */
  readonly pivot: number;
  /** Makes the run's result from copies of its input and outputs. A method, so that the list of sagas takes any input. */
  result(values: { readonly input: I; readonly steps: unknown }): R;
}

const marks = { compensatable: "", pivot: "!", retriable: "" } as const;

/** One line that tells whether two definitions go through the same journals: names, order, groups, pivot, compensations. */
export const shapeOf = ({ units }: Pick<SagaDefinition, "units">): string =>
  units
    .map(({ steps }) =>
      steps
        .map(
          ({ name, role, compensate }) =>
            `${marks[role]}${name}${compensate === undefined ? "" : "+compensate"}`,
        )
        .join(" | "),
    )
    .join(" > ");

/** The first unit in which two shapes differ, in words. */
export const differenceOf = (stored: string, defined: string): string => {
  const before = stored.split(" > ");
  const now = defined.split(" > ");
  const at = before.findIndex((unit, index) => unit !== now[index]);
  const index = at === -1 ? before.length : at;
  return `step ${index + 1} is ${now[index] ?? "missing"} now and was ${before[index] ?? "missing"}`;
};
