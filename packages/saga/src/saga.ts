import {
  InvalidOptionError,
  requireDuration,
  requireInteger,
  requireOneOf,
  requireText,
  type Duration,
} from "@dp/core";
import type { SagaBuilder } from "./builder.ts";
import type { SagaDefinition, Unit } from "./definition.ts";
import { requireFunction, resolveRetry } from "./retry-plan.ts";
import type { OnUnknown, Step, StepRetry, StepRole } from "./step.ts";

/** What a saga as a whole may be told. */
export interface SagaOptions {
  /** Raise it when the steps change: runs of other versions wait for a process that knows theirs. @defaultValue 1 */
  readonly version?: number | undefined;
  /** How long a run may go forward before it is compensated, restarts included. @defaultValue no limit */
  readonly timeout?: Duration | undefined;
}

/** Any step's options, without types. */
interface RawOptions {
  readonly execute: Step["execute"];
  readonly find?: Step["find"];
  readonly compensate?: Step["compensate"];
  readonly retry?: StepRetry | undefined;
  readonly compensateRetry?: StepRetry | undefined;
  readonly timeout?: Duration | undefined;
  readonly onUnknown?: OnUnknown | undefined;
}

const namePattern = /^[\w.-]{1,100}$/;

const requireName = (option: string, value: unknown): string => {
  if (namePattern.test(requireText(option, value))) return value as string;
  throw new InvalidOptionError(
    option,
    value,
    "1 to 100 letters, digits, '_', '-' or '.'",
  );
};

const requireOptions = (option: string, value: unknown): void => {
  if (typeof value !== "object" || value === null)
    throw new InvalidOptionError(option, value, "an object of options");
};

const resolveStep = (
  name: string,
  role: StepRole,
  unit: number,
  options: RawOptions,
): Step => {
  requireName("step name", name);
  requireOptions(name, options);
  const { execute, find, compensate, onUnknown = "retry" } = options;
  if (compensate !== undefined && role !== "compensatable")
    throw new InvalidOptionError(
      `${name}.compensate`,
      compensate,
      "absent: the pivot and what comes after it are never compensated",
    );
  return {
    name,
    unit,
    role,
    execute: requireFunction(`${name}.execute`, execute),
    find:
      find === undefined ? undefined : requireFunction(`${name}.find`, find),
    compensate:
      compensate === undefined
        ? undefined
        : requireFunction(`${name}.compensate`, compensate),
    retry: resolveRetry(`${name}.retry`, options.retry, 3),
    compensateRetry: resolveRetry(
      `${name}.compensateRetry`,
      options.compensateRetry,
      10,
    ),
    timeoutMs: requireDuration(`${name}.timeout`, options.timeout ?? "30s", 1),
    onUnknown: requireOneOf(
      `${name}.onUnknown`,
      onUnknown,
      role === "compensatable"
        ? ["retry", "compensate", "park"]
        : ["retry", "park"],
    ),
  };
};

interface Declared {
  readonly name: string;
  readonly version: number;
  readonly timeoutMs: number;
  readonly units: readonly Unit[];
  readonly pivot: number;
}

const withUnit = (declared: Declared, steps: readonly Step[]): Declared => {
  const { name: saga, units } = declared;
  const taken = new Set(units.flatMap((unit) => unit.steps.map(nameOf)));
  for (const { name } of steps) {
    if (taken.has(name))
      throw new InvalidOptionError(
        "step name",
        name,
        `one that saga ${saga} does not have yet`,
      );
    taken.add(name);
  }
  return { ...declared, units: [...units, { steps }] };
};

const nameOf = ({ name }: Step): string => name;

/** The steps a group's builder collected. */
const stepsOf = (
  build: (group: unknown) => unknown,
  unit: number,
): readonly Step[] => {
  const groupOf = (steps: readonly Step[]): object => ({
    steps,
    step: (name: string, options: RawOptions) =>
      groupOf([...steps, resolveStep(name, "compensatable", unit, options)]),
  });
  const { steps } = build(groupOf([])) as { readonly steps: readonly Step[] };
  if (steps.length > 0) return steps;
  throw new InvalidOptionError(
    "parallel",
    steps,
    "a group of at least one step",
  );
};

const builderOf = (declared: Declared): object => {
  const { units, pivot } = declared;
  const add = (role: StepRole, name: string, options: RawOptions): Declared =>
    withUnit(declared, [resolveStep(name, role, units.length, options)]);
  const requireNoPivot = (option: string): void => {
    if (pivot < Infinity)
      throw new InvalidOptionError(
        option,
        units[pivot]?.steps[0]?.name,
        "before the pivot, of which there is one at most",
      );
  };
  return {
    step: (name: string, options: RawOptions) =>
      builderOf(
        add(pivot < Infinity ? "retriable" : "compensatable", name, options),
      ),
    parallel: (build: (group: unknown) => unknown) => {
      requireNoPivot("parallel");
      return builderOf(withUnit(declared, stepsOf(build, units.length)));
    },
    pivot: (name: string, options: RawOptions) => {
      requireNoPivot("pivot");
      return builderOf({
        ...add("pivot", name, options),
        pivot: units.length,
      });
    },
    result: (result: SagaDefinition["result"]): SagaDefinition => {
      if (units.length === 0)
        throw new InvalidOptionError("saga", units, "at least one step");
      return Object.freeze({
        ...declared,
        steps: units.flatMap((unit) => unit.steps),
        result: requireFunction("result", result),
      });
    },
  };
};

/**
 * Starts the declaration of a saga: `saga<Input>(name).step(…).parallel(…).pivot(…).step(…).result(…)`.
 *
 * What would be wrong at run time does not compile: a compensation after the pivot, two steps of one name, the output of
 * a later step or of a sibling in a group, a compensation that trusts an output nobody may know. Callers without types
 * get an `InvalidOptionError`.
 */
export const saga = <Input>(
  name: string,
  options: SagaOptions = {},
): SagaBuilder<Input> =>
  builderOf({
    name: requireName("name", name),
    version: requireInteger("version", options.version ?? 1, 1),
    timeoutMs: requireDuration("timeout", options.timeout ?? Infinity, 1),
    units: [],
    pivot: Infinity,
  }) as SagaBuilder<Input>;
