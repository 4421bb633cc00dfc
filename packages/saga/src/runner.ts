import { decide } from "./decide.ts";
import type { SagaDefinition } from "./definition.ts";
import { gateOf, type Decision } from "./deliberation.ts";
import { invoke, outputsBefore } from "./handler-call.ts";
import { isFinal, type EntryBody } from "./journal.ts";
import type { Lease } from "./lease.ts";
import type { SagaEvent } from "./events.ts";
import type { Settings } from "./options.ts";
import { completedEntry, entryOf, type Call } from "./outcome.ts";
import { decodePayload } from "./payload.ts";
import { startCall, type RunningCall } from "./running-call.ts";
import { fold } from "./fold.ts";
import type { RunState } from "./run-state.ts";
import { RunJournal, type JournalPlace } from "./run-journal.ts";

/** A run that would wait longer than this is given back to the store. */
const longestWaitInHandMs = 1_000;

/** What a runner shares with the others of its worker. */
export interface Surround {
  readonly settings: Settings;
  readonly lease: Lease;
  readonly emit: (event: SagaEvent) => void;
}

/**
 * How a run left this worker's hands: `ended` (final or stuck), `released` for later, `lost` to another worker or to a
 * store that does not answer, or `exists`, because there was nothing to start.
 */
export type RunnerEnd = "ended" | "released" | "lost" | "exists";

/** What a runner begins with. */
export interface RunInHand extends JournalPlace {
  readonly run: RunState;
  /** Entries to write before anything else. */
  readonly facts: readonly EntryBody[];
  /** Told when the first entries are durable. */
  readonly onWritten?: (() => void) | undefined;
}

/** Drives one run that this worker holds. The only place that waits: what to do is decided by `decide`. */
export class Runner {
  readonly definition: SagaDefinition;
  readonly #surround: Surround;
  readonly #running = new Map<string, RunningCall>();
  readonly #journal: RunJournal;
  #run: RunState;
  /** What happened and is not written yet. */
  #facts: EntryBody[];
  #onWritten: (() => void) | undefined;
  #knowsCancel: boolean;
  #isClosing = false;
  #isLost = false;
  #wake: (() => void) | undefined;

  constructor(definition: SagaDefinition, from: RunInHand, surround: Surround) {
    this.definition = definition;
    this.#surround = surround;
    this.#run = from.run;
    this.#facts = [...from.facts];
    this.#onWritten = from.onWritten;
    this.#knowsCancel =
      from.run.cancel !== undefined ||
      from.facts.some(({ kind }) => kind === "cancel");
    const { store, clock } = surround.settings;
    this.#journal = new RunJournal(from, store, clock, surround.emit);
  }

  /** The run as far as it is durable. */
  get run(): RunState {
    return this.#run;
  }

  /** How long ago the run started, by the store's clock. */
  get ageMs(): number {
    return this.#journal.nowMs() - this.#run.startedAtMs;
  }

  /** Tells the run of a cancel that the store has accepted. */
  cancel(reason: string): void {
    if (this.#knowsCancel || gateOf(this.definition, this.#run) !== "open")
      return;
    this.#knowsCancel = true;
    this.#facts.push({ kind: "cancel", detail: { reason } });
    this.#wake?.();
  }

  /** Finishes what is in hand, records it and gives the run back. */
  close(): void {
    this.#isClosing = true;
    this.#wake?.();
  }

  /** Another worker may have the run by now: stops without writing anything more. */
  lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#abortCalls(new Error("this worker has lost the run"));
    this.#surround.emit({
      kind: "lost",
      id: this.#run.id,
      saga: this.definition.name,
    });
    this.#wake?.();
  }

  /** Rejects if the run was to be started and the store failed; everything else is an end. */
  async drive(): Promise<RunnerEnd> {
    while (!this.#hasLost()) {
      const facts = this.#facts;
      this.#facts = [];
      const nowMs = this.#journal.nowMs();
      const decision = this.#decide(facts, nowMs);
      const { run } = decision;
      const entries = facts.concat(decision.entries);
      const isAtRest = run.state === "stuck" || isFinal(run.state);
      const isIdle = this.#running.size === 0 && decision.calls.length === 0;
      // Whole ms: of a smaller rest the clock may not see that it has passed.
      const waitMs = Math.ceil(Math.max(0, decision.dueAtMs - nowMs));
      const isGivenBack =
        !isAtRest &&
        isIdle &&
        (this.#isClosing || waitMs > longestWaitInHandMs);

      const answer = await this.#journal.write(
        entries,
        {
          state: run.state,
          gate: gateOf(this.definition, run),
          releaseInMs: isGivenBack ? waitMs : undefined,
          knowsCancel: run.cancel !== undefined,
        },
        () => this.#isLost || this.#isClosing,
      );
      if (answer.kind === "exists") return "exists";
      if (answer.kind === "gone" || this.#hasLost()) break;
      if (answer.kind === "lost") {
        this.lose();
        break;
      }
      if (answer.kind === "cancelled") {
        this.#facts = facts.concat(this.#facts);
        this.cancel(answer.reason);
        continue;
      }
      this.#run = run;
      this.#tell(entries);
      this.#onWritten?.();
      this.#onWritten = undefined;
      if (isAtRest) return "ended";
      if (isGivenBack) return "released";
      if (answer.cancel !== undefined) this.cancel(answer.cancel);
      if (!this.#surround.lease.isValid) {
        this.lose();
        break;
      }
      for (const call of decision.calls) this.#start(call);
      if (decision.abort) this.#abortCalls(new Error("the run goes backward"));
      if (this.#facts.length === 0) await this.#somethingHappens(waitMs);
    }
    return "lost";
  }

  #decide(facts: readonly EntryBody[], nowMs: number): Decision {
    const { definition } = this;
    let run = this.#run;
    for (const fact of facts) run = fold(definition, run, fact, nowMs);
    return decide(definition, run, {
      busy: this.#running,
      nowMs,
      isClosing: this.#isClosing,
      complete: ({ input, steps }) =>
        completedEntry(
          () =>
            definition.result({
              input: decodePayload(input),
              steps: outputsBefore(
                definition.steps,
                { ...run, steps },
                Infinity,
              ),
            }),
          this.#surround.settings.maxPayload,
        ),
    });
  }

  #tell(entries: readonly EntryBody[]): void {
    const { id, state } = this.#run;
    for (const { kind, step } of entries)
      this.#surround.emit({
        kind: "entry",
        id,
        saga: this.definition.name,
        entry: kind,
        step,
        state,
      });
  }

  #start(call: Call): void {
    const { settings, emit } = this.#surround;
    const { steps, name: saga } = this.definition;
    const { step, attempt } = call;
    const run = this.#run;
    const { id, isBackward } = run;
    const log = (message: string): void =>
      emit({ kind: "log", id, saga, step: step.name, attempt, message });
    const running = startCall(
      (signal) => invoke(call, steps, run, this.#journal.epoch, signal, log),
      step.timeoutMs,
      settings.graceMs,
      settings.clock,
      (end) => {
        this.#running.delete(step.name);
        if (this.#isLost) return;
        const state = run.steps[steps.indexOf(step)];
        if (state !== undefined)
          this.#facts.push(
            entryOf(
              call,
              end,
              state,
              isBackward,
              settings.maxPayload,
              settings.random,
            ),
          );
        this.#wake?.();
      },
    );
    this.#running.set(step.name, running);
  }

  /** A method, because waiting may change it behind the compiler's back. */
  #hasLost(): boolean {
    return this.#isLost;
  }

  #abortCalls(reason: Error): void {
    for (const call of this.#running.values()) call.abort(reason);
  }

  async #somethingHappens(waitMs: number): Promise<void> {
    if (this.#isClosing && this.#running.size === 0) return;
    const { clock } = this.#surround.settings;
    let cancelTimer: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      // Who closes begins nothing new: only the end of a call matters.
      if (waitMs < Infinity && !this.#isClosing)
        cancelTimer = clock.schedule(waitMs, resolve);
    });
    cancelTimer?.();
    this.#wake = undefined;
  }
}
