import type { SagaDefinition } from "./definition.ts";
import { gateOf } from "./deliberation.ts";
import type { EntryBody } from "./journal.ts";
import type { Registered } from "./registered.ts";
import { foldAll } from "./fold.ts";
import type { RunState } from "./run-state.ts";
import { Runner, type RunnerEnd, type Surround } from "./runner.ts";
import type { ClaimedRun } from "./stores/store.ts";

/** A run claimed so often without getting anywhere is taken to kill its workers. */
const mostClaims = 10;
/** A run of other steps than are registered here is not looked at again for so long. */
const mismatchMs = 60_000;

/** What a claimer tells its owner. */
export interface ClaimerListener {
  /** A run has left this worker's hands. */
  readonly left: (runner: Runner, end: RunnerEnd) => void;
  /** The store was just asked for due runs; the next time is a poll interval away. */
  readonly polled: () => Promise<void>;
}

/**
 * Takes runs that are due and keeps the lease. Restart, takeover, deploy and timer are all the same to it: a run is due,
 * so it is claimed and driven on.
 */
export class Claimer {
  readonly #surround: Surround;
  readonly #registered: Registered;
  readonly #listener: ClaimerListener;
  readonly #held = new Map<string, Runner>();
  readonly #driving = new Map<Runner, Promise<RunnerEnd>>();
  /** Runs being started or administered. */
  readonly #reserved = new Set<string>();
  /** The ids of held and reserved runs: never claimed. */
  readonly #own = new Set<string>();
  #cancelPoll: (() => void) | undefined;
  #cancelRenewal: (() => void) | undefined;
  #polling: Promise<void> | undefined;
  #renewing: Promise<void> | undefined;
  #pollsAgain = false;
  /** Whether due runs may be left in the store for want of room here. */
  #hasBacklog = false;
  #isClosed = false;

  constructor(
    surround: Surround,
    registered: Registered,
    listener: ClaimerListener,
  ) {
    this.#surround = surround;
    this.#registered = registered;
    this.#listener = listener;
  }

  /** How many runs are in hand. */
  get size(): number {
    return this.#held.size;
  }

  /** Whether a run of this id may be begun here: there is room, and none is in hand. */
  hasRoomFor(id: string): boolean {
    return this.hasRoom && !this.#own.has(id);
  }

  get hasRoom(): boolean {
    return !this.#isClosed && this.#room() > 0 && this.#surround.lease.isValid;
  }

  holds(id: string): boolean {
    return this.#held.has(id);
  }

  /** Tells a run in hand of a cancel that the store has accepted. */
  cancel(id: string, reason: string): void {
    this.#held.get(id)?.cancel(reason);
  }

  /** Asks the store from now on. */
  async open(): Promise<void> {
    if (this.#surround.settings.concurrency > 0) {
      await this.#renew();
      this.#scheduleRenewal(this.#surround.lease.renewInMs);
    }
    this.poll();
  }

  /** Asks the store at once, or once more if it is just being asked. */
  poll(): void {
    if (this.#isClosed) return;
    if (this.#polling !== undefined) {
      this.#pollsAgain = true;
      return;
    }
    this.#cancelPoll?.();
    this.#polling = this.#pollAll();
  }

  /** Due runs were left in the store: they are claimed when there is room. */
  leaveForLater(): void {
    this.#hasBacklog = true;
    if (this.hasRoom) this.poll();
  }

  /** Keeps the run from being claimed while `work` is done on it. */
  async reserve<T>(id: string, work: () => Promise<T>): Promise<T> {
    this.#reserved.add(id);
    this.#own.add(id);
    try {
      return await work();
    } finally {
      this.#reserved.delete(id);
      if (!this.#held.has(id)) this.#own.delete(id);
    }
  }

  /** Takes the run out of this worker's hands, if it is there; its calls are told to give up. */
  async drop(id: string): Promise<void> {
    const runner = this.#held.get(id);
    if (runner === undefined) return;
    runner.lose();
    await this.#driving.get(runner);
  }

  /** Drives a run until it leaves this worker's hands. */
  async drive(runner: Runner): Promise<RunnerEnd> {
    const { id } = runner.run;
    this.#held.set(id, runner);
    this.#own.add(id);
    const driving = runner.drive();
    this.#driving.set(runner, driving);
    let end: RunnerEnd = "lost";
    try {
      end = await driving;
      return end;
    } finally {
      this.#driving.delete(runner);
      this.#held.delete(id);
      if (!this.#reserved.has(id)) this.#own.delete(id);
      this.#listener.left(runner, end);
      if (this.#hasBacklog) this.poll();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelPoll?.();
    for (const runner of this.#held.values()) runner.close();
    await this.#polling;
    await Promise.allSettled(this.#driving.values());
    await this.#renewing;
    this.#cancelRenewal?.();
  }

  #room(): number {
    return this.#surround.settings.concurrency - this.#own.size;
  }

  async #pollAll(): Promise<void> {
    do {
      this.#pollsAgain = false;
      try {
        await this.#pollOnce();
      } catch (error) {
        this.#surround.emit({ kind: "store-error", doing: "poll", error });
        break;
      }
    } while (this.#wantsAgain());
    this.#polling = undefined;
    if (this.#isClosed) return;
    const { clock, pollMs } = this.#surround.settings;
    this.#cancelPoll = clock.schedule(pollMs, () => this.poll());
  }

  #wantsAgain(): boolean {
    return this.#pollsAgain && !this.#isClosed;
  }

  async #pollOnce(): Promise<void> {
    const { store, worker } = this.#surround.settings;
    if (this.hasRoom) await this.#claim();
    if (this.#held.size > 0)
      for (const { id, reason } of await store.cancels(worker))
        this.cancel(id, reason);
    if (!this.#isClosed) await this.#listener.polled();
  }

  async #claim(): Promise<void> {
    const { store, worker, leaseMs } = this.#surround.settings;
    const room = this.#room();
    const claimed = await store.claim(
      { worker, leaseMs },
      this.#registered.definitions,
      room,
      this.#own,
    );
    this.#hasBacklog = claimed.length === room;
    for (const run of claimed) {
      const definition = this.#registered.get(run);
      if (!this.#hasItsShape(run)) {
        await store.release(run.id, run.epoch, mismatchMs);
        continue;
      }
      if (this.#isClosed || definition === undefined || this.#held.has(run.id))
        await store.release(run.id, run.epoch, 0);
      else void this.drive(this.#runnerOf(definition, run));
    }
  }

  /** A run of other steps than are registered here is left to those who know them. */
  #hasItsShape(run: ClaimedRun): boolean {
    try {
      this.#registered.check([run]);
      return true;
    } catch (error) {
      this.#surround.emit({ kind: "store-error", doing: "claim", error });
      return false;
    }
  }

  #runnerOf(definition: SagaDefinition, claimed: ClaimedRun): Runner {
    const run = foldAll(definition, claimed);
    return new Runner(
      definition,
      {
        id: claimed.id,
        epoch: claimed.epoch,
        seq: claimed.entries.length,
        nowMs: claimed.nowMs,
        run,
        facts: factsOf(definition, run, claimed),
      },
      this.#surround,
    );
  }

  async #renew(): Promise<void> {
    const { lease, settings } = this.#surround;
    const { store, worker, leaseMs } = settings;
    await lease.renewedBy(() => store.renew({ worker, leaseMs }));
  }

  #scheduleRenewal(inMs: number): void {
    const { clock } = this.#surround.settings;
    this.#cancelRenewal = clock.schedule(inMs, () => {
      this.#renewing = this.#renewAgain();
    });
  }

  async #renewAgain(): Promise<void> {
    const { lease, emit } = this.#surround;
    let nextInMs = lease.renewInMs;
    try {
      await this.#renew();
    } catch (error) {
      emit({ kind: "store-error", doing: "renew", error });
      nextInMs /= 4;
    }
    if (!lease.isValid) for (const runner of this.#held.values()) runner.lose();
    if (!this.#isClosed || this.#held.size > 0) this.#scheduleRenewal(nextInMs);
  }
}

/** What the store knows of a claimed run and its journal does not. */
const factsOf = (
  definition: SagaDefinition,
  run: RunState,
  { cancel, claims }: ClaimedRun,
): EntryBody[] => {
  const facts: EntryBody[] = [];
  if (
    cancel !== undefined &&
    run.cancel === undefined &&
    gateOf(definition, run) === "open"
  )
    facts.push({ kind: "cancel", detail: { reason: cancel } });
  if (claims >= mostClaims)
    facts.push({
      kind: "stuck",
      detail: {
        reason: "poison",
        steps: definition.steps
          .filter((_step, at) => isUnderWay(run.steps[at]?.status))
          .map(({ name }) => name),
        error: {
          name: "Poison",
          message: `claimed ${claims} times without getting anywhere`,
        },
      },
    });
  return facts;
};

const isUnderWay = (status: string | undefined): boolean =>
  status === "called" || status === "compensating";
