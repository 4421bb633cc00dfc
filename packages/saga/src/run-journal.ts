import type { Clock } from "@dp/core";
import type { SagaEvent } from "./events.ts";
import type { EntryBody } from "./journal.ts";
import type {
  Append,
  Appended,
  Claimant,
  RunHead,
  SagaStore,
} from "./stores/store.ts";

const firstRetryMs = 20;
const longestRetryMs = 1_000;

/** What the store said. `exists` answers a start only; `gone` means that nobody waits for the answer any more. */
export type Written =
  Appended | { readonly kind: "exists" } | { readonly kind: "gone" };

/** Where a run's journal stands when this worker takes it. */
export interface JournalPlace {
  readonly id: string;
  readonly epoch: number;
  /** The seq of its last entry. */
  readonly seq: number;
  /** The store's time. */
  readonly nowMs: number;
  /** For a run that is not in the store yet. */
  readonly start?:
    { readonly head: RunHead; readonly claimant: Claimant } | undefined;
}

/** The writing end of one run's journal, held under one epoch. */
export class RunJournal {
  readonly #store: SagaStore;
  readonly #clock: Clock;
  readonly #emit: (event: SagaEvent) => void;
  readonly #id: string;
  readonly epoch: number;
  #seq: number;
  #start: JournalPlace["start"];
  /** The store's time less the clock's. */
  #offsetMs: number;

  constructor(
    place: JournalPlace,
    store: SagaStore,
    clock: Clock,
    emit: (event: SagaEvent) => void,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#emit = emit;
    this.#id = place.id;
    this.epoch = place.epoch;
    this.#seq = place.seq;
    this.#start = place.start;
    this.#offsetMs = place.nowMs - clock.now();
  }

  /** The store's time as far as this worker knows it. */
  nowMs(): number {
    return this.#clock.now() + this.#offsetMs;
  }

  /**
   * Writes, again and again until the store answers or failed and trying again `isPointless`: an append repeated under one epoch writes nothing
   * twice. A start is tried once and rejects with the store's error.
   */
  async write(
    entries: readonly EntryBody[],
    after: Pick<Append, "state" | "gate" | "releaseInMs" | "knowsCancel">,
    isPointless: () => boolean,
  ): Promise<Written> {
    const start = this.#start;
    if (start !== undefined) {
      this.#start = undefined;
      const answer = await this.#store.start(
        start.head,
        entries,
        start.claimant,
        after.gate,
      );
      return answer.kind === "exists"
        ? { kind: "exists" }
        : this.#written(entries.length, answer.atMs, undefined);
    }
    for (
      let delayMs = firstRetryMs;
      ;
      delayMs = Math.min(longestRetryMs, delayMs * 2)
    ) {
      try {
        return await this.#writeOnce(entries, after);
      } catch (error) {
        this.#emit({ kind: "store-error", doing: "append", error });
      }
      if (!isPointless()) await this.#clock.sleep(delayMs);
      if (isPointless()) return { kind: "gone" };
    }
  }

  async #writeOnce(
    entries: readonly EntryBody[],
    after: Pick<Append, "state" | "gate" | "releaseInMs" | "knowsCancel">,
  ): Promise<Appended> {
    if (entries.length > 0) {
      const answer = await this.#store.append({
        id: this.#id,
        epoch: this.epoch,
        seq: this.#seq,
        entries,
        ...after,
      });
      return answer.kind === "appended"
        ? this.#written(entries.length, answer.atMs, answer.cancel)
        : answer;
    }
    if (after.releaseInMs !== undefined)
      await this.#store.release(this.#id, this.epoch, after.releaseInMs);
    return { kind: "appended", atMs: this.nowMs(), cancel: undefined };
  }

  #written(count: number, atMs: number, cancel: string | undefined): Appended {
    this.#seq += count;
    this.#offsetMs = atMs - this.#clock.now();
    return { kind: "appended", atMs, cancel };
  }
}
