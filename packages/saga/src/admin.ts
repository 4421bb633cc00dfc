import { requireText } from "@dp/core";
import { planOf, type CompensationPlan } from "./compensation-plan.ts";
import type { Claimer } from "./claimer.ts";
import { gateOf } from "./deliberation.ts";
import { AdminRefusedError, UnknownRunError } from "./errors.ts";
import {
  abandoning,
  resolving,
  retrying,
  type Intervention,
  type Resolution,
  type Signature,
} from "./intervention.ts";
import {
  isFinal,
  readEntry,
  type JournalEntry,
  type SagaState,
} from "./journal.ts";
import type { SagaEvent } from "./events.ts";
import type { Settings } from "./options.ts";
import type { Registered } from "./registered.ts";
import { fold, foldAll } from "./fold.ts";
import type { RunState } from "./run-state.ts";
import type { RunSummary } from "./stores/store.ts";
import type { SagaDefinition } from "./definition.ts";

/** Which runs to list. */
export interface AdminQuery {
  readonly state?: SagaState | readonly SagaState[] | undefined;
  readonly name?: string | undefined;
}

/** A run nobody here can drive: its definition is not registered. */
export type Orphan = Pick<RunSummary, "id" | "name" | "version" | "state">;

const pageSize = 100;
const liveStates: readonly SagaState[] = ["running", "compensating", "stuck"];

/**
 * What people do about runs. Everything a person does is an entry of the journal, with who did it; it takes the run away
 * from whoever holds it first. Throws `UnknownRunError` for an id the store does not know and `AdminRefusedError` for
 * what does not fit the run's state; then nothing was changed.
 */
export class SagaAdmin {
  readonly #settings: Settings;
  readonly #registered: Registered;
  readonly #claimer: Claimer;
  readonly #emit: (event: SagaEvent) => void;
  readonly #onEnd: (run: RunState) => void;

  constructor(
    settings: Settings,
    registered: Registered,
    claimer: Claimer,
    emit: (event: SagaEvent) => void,
    onEnd: (run: RunState) => void,
  ) {
    this.#settings = settings;
    this.#registered = registered;
    this.#claimer = claimer;
    this.#emit = emit;
    this.#onEnd = onEnd;
  }

  /** All runs that fit, in order of their ids, a page of the store at a time. */
  async *list(
    query: AdminQuery = {},
  ): AsyncGenerator<RunSummary, void, undefined> {
    const { state, name } = query;
    const states =
      state === undefined || typeof state === "object" ? state : [state];
    for (let after: string | undefined; ;) {
      const page = await this.#settings.store.list({
        states,
        name,
        after,
        limit: pageSize,
      });
      yield* page;
      after = page.at(-1)?.id;
      if (page.length < pageSize) return;
    }
  }

  /** Live runs of definitions that are not registered here: they wait for a worker that knows them. */
  async *orphans(): AsyncGenerator<Orphan, void, undefined> {
    for await (const { id, name, version, state } of this.list({
      state: liveStates,
    }))
      if (this.#registered.get({ name, version }) === undefined)
        yield { id, name, version, state };
  }

  /** Everything that happened to the run. */
  async journal(id: string): Promise<readonly JournalEntry[]> {
    const recorded = await this.#settings.store.read(id);
    if (recorded === undefined) throw new UnknownRunError(id);
    return recorded.entries.map((entry) => readEntry(id, entry));
  }

  /** What going backward from here would do. */
  async plan(id: string): Promise<CompensationPlan> {
    const { definition, run } = await this.#load(id);
    return planOf(definition, run);
  }

  /** Lets a stuck run go on with fresh budgets. */
  retry(id: string, signature: Partial<Signature> = {}): Promise<void> {
    return this.#intervene(id, retrying(signature));
  }

  /** Says what became of a step that waits for a person; the run goes on from there. */
  async resolve(
    id: string,
    step: string,
    resolution: Resolution,
  ): Promise<void> {
    requireText("by", resolution.by);
    await this.#intervene(
      id,
      resolving(step, resolution, this.#settings.maxPayload),
    );
  }

  /** Ends a live run as it is: its journal keeps what was left undone. A second time does nothing. */
  async abandon(id: string, signature: Signature): Promise<void> {
    requireText("by", signature.by);
    await this.#intervene(id, abandoning(signature));
  }

  async #load(
    id: string,
  ): Promise<{ readonly definition: SagaDefinition; readonly run: RunState }> {
    const recorded = await this.#settings.store.read(id);
    if (recorded === undefined) throw new UnknownRunError(id);
    const definition = this.#registered.get(recorded);
    if (definition === undefined)
      throw new AdminRefusedError(
        `run ${id} is of ${recorded.name} version ${recorded.version}, which is not registered here`,
      );
    return { definition, run: foldAll(definition, recorded) };
  }

  async #intervene(id: string, intervention: Intervention): Promise<void> {
    // Asked before the run is taken from anybody: most mistakes are found here.
    const { definition, run } = await this.#load(id);
    if (intervention(definition, run) === undefined) return;
    const after = await this.#claimer.reserve(id, async () => {
      await this.#claimer.drop(id);
      return this.#write(id, definition, intervention);
    });
    if (isFinal(after.state)) this.#onEnd(after);
    else this.#claimer.leaveForLater();
  }

  async #write(
    id: string,
    definition: SagaDefinition,
    intervention: Intervention,
  ): Promise<RunState> {
    const { store, worker, leaseMs } = this.#settings;
    const seized = await store.seize({ worker, leaseMs }, id);
    if (seized === undefined)
      throw new AdminRefusedError(`run ${id} has ended meanwhile`);
    const { epoch, nowMs, entries } = seized;
    try {
      const run = foldAll(definition, seized);
      const entry = intervention(definition, run);
      if (entry === undefined) return run;
      const after = fold(definition, run, entry, nowMs);
      const answer = await store.append({
        id,
        epoch,
        seq: entries.length,
        entries: [entry],
        state: after.state,
        gate: gateOf(definition, after),
        releaseInMs: 0,
        knowsCancel: true,
      });
      if (answer.kind !== "appended")
        throw new AdminRefusedError(
          `run ${id} was taken by another worker meanwhile; try again`,
        );
      this.#emit({
        kind: "entry",
        id,
        saga: definition.name,
        entry: entry.kind,
        step: entry.step,
        state: after.state,
      });
      return after;
    } catch (error) {
      await store.release(id, epoch, 0);
      throw error;
    }
  }
}
