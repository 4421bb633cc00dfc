import type { SagaDefinition } from "./definition.ts";
import type { EntryBody } from "./journal.ts";
import type { Call } from "./outcome.ts";
import { fold } from "./fold.ts";
import type { RunState, StepState } from "./run-state.ts";
import type { Step } from "./step.ts";
import type { CancelGate } from "./stores/store.ts";

/** What is known beside the journal. */
export interface Surroundings {
  /** Steps with a call under way in this process. */
  readonly busy: Pick<ReadonlySet<string>, "has">;
  /** The store's time. */
  readonly nowMs: number;
  /** Whether nothing new may be begun. */
  readonly isClosing: boolean;
  /** Makes the `completed` entry. */
  readonly complete: (run: RunState) => EntryBody;
}

/** What to do next: write the entries, and once they are durable make the calls. */
export interface Decision {
  readonly entries: readonly EntryBody[];
  readonly calls: readonly Call[];
  /** The run with the entries. */
  readonly run: RunState;
  /** Whether the calls under way should give up. */
  readonly abort: boolean;
  /** When to decide again if nothing happens, by the store's clock. */
  readonly dueAtMs: number;
}

/** What `requestCancel` should answer for a run in this state. */
export const gateOf = (
  { steps }: SagaDefinition,
  run: RunState,
): CancelGate => {
  if (run.isBackward) return "already-compensating";
  const isDecided = steps.some(
    ({ role }, at) => role === "pivot" && run.steps[at]?.status !== "idle",
  );
  return isDecided ? "too-late" : "open";
};

/** Collects what is decided; each entry counts at once for what is decided after it. */
export class Deliberation {
  readonly definition: SagaDefinition;
  readonly around: Surroundings;
  run: RunState;
  readonly entries: EntryBody[] = [];
  readonly calls: Call[] = [];
  abort = false;
  dueAtMs: number = Infinity;

  constructor(definition: SagaDefinition, run: RunState, around: Surroundings) {
    this.definition = definition;
    this.run = run;
    this.around = around;
  }

  write(entry: EntryBody): void {
    this.entries.push(entry);
    this.run = fold(this.definition, this.run, entry, this.around.nowMs);
  }

  stateOf(step: Step): StepState {
    const state = this.run.steps[this.definition.steps.indexOf(step)];
    if (state === undefined) throw new Error(`no step ${step.name}`);
    return state;
  }

  /** Whether a call of the step is under way, or is about to be. */
  isBusy(step: Step): boolean {
    return (
      this.around.busy.has(step.name) ||
      this.calls.some((call) => call.step === step)
    );
  }

  decideAgainAt(atMs: number): void {
    this.dueAtMs = Math.min(this.dueAtMs, atMs);
  }

  /** Whether a step's next call is due; if not, sees that it is decided again then. */
  isDue({ dueAtMs }: StepState): boolean {
    if (dueAtMs <= this.around.nowMs) return true;
    this.decideAgainAt(dueAtMs);
    return false;
  }

  /** Calls a function of the step, with an intent before it unless the journal has it or none is needed. */
  call(
    step: Step,
    handler: Call["handler"],
    isRepeated: boolean = false,
  ): void {
    if (this.around.isClosing) {
      this.decideAgainAt(this.around.nowMs);
      return;
    }
    const { nextAttempt: attempt } = this.stateOf(step);
    this.calls.push({ step, handler, attempt, isRepeated });
    if (isRepeated || handler === "find") return;
    const kind = handler === "execute" ? "intent" : "compensate.intent";
    this.write({ kind, step: step.name, attempt });
  }

  decision(): Decision {
    const { entries, calls, run, abort, dueAtMs } = this;
    return { entries, calls, run, abort, dueAtMs };
  }
}
