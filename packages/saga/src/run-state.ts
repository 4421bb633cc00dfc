import type { SagaDefinition } from "./definition.ts";
import type { CompensationReason } from "./errors.ts";
import type { RecordedError, SagaState, StuckReason } from "./journal.ts";

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
