import {
  createEmitter,
  InvalidOptionError,
  requireText,
  type MetricFamily,
  type MetricSource,
} from "@dp/core";
import { SagaAdmin } from "./admin.ts";
import { Claimer } from "./claimer.ts";
import { shapeOf, type SagaDefinition } from "./definition.ts";
import { IdConflictError, OrchestratorClosedError } from "./errors.ts";
import type { SagaEvent } from "./events.ts";
import type { EntryBody } from "./journal.ts";
import { Lease } from "./lease.ts";
import {
  resolveOptions,
  type OrchestratorOptions,
  type Settings,
} from "./options.ts";
import { recordError } from "./outcome.ts";
import { canonicalJson, encodePayload } from "./payload.ts";
import { Registered } from "./registered.ts";
import { resultOf, Results } from "./results.ts";
import { foldAll } from "./fold.ts";
import { newRun, type RunState } from "./run-state.ts";
import { Runner, type Surround } from "./runner.ts";
import type { SagaHandle } from "./saga-handle.ts";
import { SagaTally } from "./saga-metrics.ts";
import type { SagaStatus } from "./status.ts";
import type { CancelAnswer, RunHead, Started } from "./stores/store.ts";

/** Starts runs, drives those that are due and lets people look after them. Make one with `createOrchestrator`. */
export interface Orchestrator extends AsyncDisposable, MetricSource {
  /**
   * Resolves when the run is durable. The same id with the same input (without regard to the order of keys) is the same
   * run. Rejects with `IdConflictError` for an id taken by another saga or input, `InvalidOptionError` for an input JSON
   * cannot carry or that is too large, `ShapeError` if another definition of this name and version is registered, and with the store's error if it fails: then start it again.
   */
  start<I, R>(
    definition: SagaDefinition<I, R>,
    id: string,
    input: NoInfer<I>,
  ): Promise<SagaHandle<R>>;
  /** A run that was started before, by anybody. */
  handle<R = unknown>(id: string): SagaHandle<R>;
  readonly admin: SagaAdmin;
  /** Tells `listener` what happens here; returns a function that ends it. */
  on(listener: (event: SagaEvent) => void): () => void;
  /** Finishes and records the calls under way, gives all runs back to the store, and claims no more. */
  close(): Promise<void>;
}

/**
 * Opens the store and begins to drive what is due. Rejects with `InvalidOptionError`, with the store's error, or with
 * `ShapeError` if live runs of a registered name and version went through other steps.
 */
export const createOrchestrator = async (
  options: OrchestratorOptions,
): Promise<Orchestrator> => {
  const settings = resolveOptions(options);
  const registered = new Registered(settings.sagas);
  await settings.store.open();
  registered.check(await settings.store.shapes());
  const orchestrator = new RunningOrchestrator(settings, registered);
  await orchestrator.open();
  return orchestrator;
};

class RunningOrchestrator implements Orchestrator {
  readonly admin: SagaAdmin;
  readonly #settings: Settings;
  readonly #registered: Registered;
  readonly #surround: Surround;
  readonly #claimer: Claimer;
  readonly #results: Results;
  readonly #tally = new SagaTally();
  readonly #emitter = createEmitter<SagaEvent>();
  #closing: Promise<void> | undefined;

  constructor(settings: Settings, registered: Registered) {
    this.#settings = settings;
    this.#registered = registered;
    this.#surround = {
      settings,
      lease: new Lease(settings.leaseMs, settings.clock),
      emit: (event) => this.#emit(event),
    };
    this.#results = new Results((id) => this.#read(id));
    this.#claimer = new Claimer(this.#surround, registered, {
      left: (runner) => {
        this.#tally.observe(runner.definition.name, runner.run, runner.ageMs);
        this.#results.settle(runner.run);
      },
      polled: () => this.#results.look((id) => this.#claimer.holds(id)),
    });
    this.admin = new SagaAdmin(
      settings,
      registered,
      this.#claimer,
      (event) => this.#emit(event),
      (run) => this.#results.settle(run),
    );
  }

  open(): Promise<void> {
    return this.#claimer.open();
  }

  async start<I, R>(
    definition: SagaDefinition<I, R>,
    id: string,
    input: NoInfer<I>,
  ): Promise<SagaHandle<R>> {
    if (this.#closing !== undefined)
      throw new OrchestratorClosedError(`run ${id} was not started`);
    requireId(id);
    const { name, version } = definition;
    const payload = inputOf(input, this.#settings.maxPayload);
    const head = { id, name, version, shape: shapeOf(definition) };
    const started: EntryBody = { kind: "started", payload };
    const registered = this.#registered.get(definition);
    this.#registered.check([head]);
    const isNew =
      registered !== undefined && this.#claimer.hasRoomFor(id)
        ? await this.#startHere(registered, head, started)
        : await this.#startForLater(head, started);
    if (!isNew) await this.#compare(head, payload);
    return this.handle(id);
  }

  handle<R>(id: string): SagaHandle<R> {
    return {
      id,
      result: async () =>
        resultOf(await this.#results.wait(id, this.#claimer.holds(id))) as R,
      status: () => this.#status(id),
      cancel: (reason = "cancelled") => this.#cancel(id, reason),
    };
  }

  on(listener: (event: SagaEvent) => void): () => void {
    return this.#emitter.on(listener);
  }

  metrics(): Iterable<MetricFamily> {
    return this.#tally.metrics(this.#claimer.size);
  }

  close(): Promise<void> {
    this.#closing ??= this.#claimer.close().then(() => this.#results.close());
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Whether the run is new; then it is in hand. */
  #startHere(
    definition: SagaDefinition,
    head: RunHead,
    started: EntryBody,
  ): Promise<boolean> {
    const { id } = head;
    const { clock, worker, leaseMs } = this.#settings;
    return new Promise((resolve, reject) => {
      const runner = new Runner(
        definition,
        {
          id,
          epoch: 1,
          seq: 0,
          nowMs: clock.wallNow(),
          start: { head, claimant: { worker, leaseMs } },
          run: newRun(id, definition),
          facts: [started],
          onWritten: () => resolve(true),
        },
        this.#surround,
      );
      this.#claimer
        .drive(runner)
        .then((end) => resolve(end !== "exists"), reject);
    });
  }

  async #startForLater(head: RunHead, started: EntryBody): Promise<boolean> {
    const answer: Started = await this.#settings.store.start(
      head,
      [started],
      undefined,
      "open",
    );
    if (answer.kind === "exists") return false;
    this.#emit({
      kind: "entry",
      id: head.id,
      saga: head.name,
      entry: "started",
      step: undefined,
      state: "running",
    });
    this.#claimer.leaveForLater();
    return true;
  }

  /** Throws unless the run that exists is the one that was to be started. */
  async #compare({ id, name }: RunHead, payload: string): Promise<void> {
    const existing = await this.#settings.store.read(id);
    if (existing === undefined) return;
    if (existing.name !== name)
      throw new IdConflictError(id, `as a run of ${existing.name}`);
    const before = existing.entries[0]?.payload ?? "null";
    if (before !== payload && canonicalJson(before) !== canonicalJson(payload))
      throw new IdConflictError(id, "with another input");
  }

  async #status(id: string): Promise<SagaStatus> {
    const recorded = await this.#settings.store.read(id);
    if (recorded === undefined)
      return { id, name: "", version: 0, state: "unknown" };
    const { name, version, state } = recorded;
    const run = foldAll({ steps: [] }, recorded);
    return {
      id,
      name,
      version,
      state,
      ...(state === "stuck" && run.stuck !== undefined && { stuck: run.stuck }),
      ...(state === "abandoned" && { leaked: run.leaked }),
    };
  }

  async #cancel(id: string, reason: string): Promise<CancelAnswer> {
    const answer = await this.#settings.store.requestCancel(id, reason);
    if (answer === "accepted") {
      this.#claimer.cancel(id, reason);
      this.#claimer.poll();
    }
    return answer;
  }

  async #read(id: string): Promise<RunState | undefined> {
    const recorded = await this.#settings.store.read(id);
    return recorded && foldAll({ steps: [] }, recorded);
  }

  #emit(event: SagaEvent): void {
    this.#tally.count(event);
    this.#emitter.emit(event);
  }
}

const longestId = 255;

const requireId = (id: unknown): void => {
  const text = requireText("id", id);
  if (text.length > longestId || /[\p{Cc}\p{Cs}]/u.test(text))
    throw new InvalidOptionError(
      "id",
      id,
      `well-formed text of at most ${longestId} characters without control characters`,
    );
};

const inputOf = (input: unknown, maxPayload: number): string => {
  try {
    return input === undefined ? "null" : encodePayload(input, maxPayload);
  } catch (error) {
    throw new InvalidOptionError(
      "input",
      input,
      `what JSON can carry in ${maxPayload} bytes (${recordError(error).message})`,
    );
  }
};
