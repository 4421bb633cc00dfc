import { isDeepStrictEqual } from "node:util";
import type { SagaDefinition } from "../../definition.ts";
import type { StoredEntry } from "../../journal.ts";
import type { CompensateCall, ExecuteCall, Step } from "../../step.ts";
import type { SagaStore } from "../../stores/store.ts";
import type { Ledger } from "./ledger.ts";
import type { Life } from "./life.ts";

interface Unsettled {
  readonly id: string;
  readonly step: string;
  readonly epoch: number;
  abortedAtMs: number;
}

interface Surround {
  readonly definition: SagaDefinition;
  /** The store itself: reading it is no event of the simulated world. */
  readonly store: SagaStore;
  readonly ledger: Ledger;
  readonly graceMs: number;
  readonly now: () => number;
}

/** Stands beside every call as it is made and compares it with what is durable and with what really happened. */
export class Witness {
  readonly violations: string[] = [];
  readonly #surround: Surround;
  readonly #unsettled = new Set<Unsettled>();
  /** Who drives which run under which epoch. */
  readonly #drivers = new Map<string, string>();
  readonly #keys = new Map<string, string>();
  /** The epoch of each run, as the store gave it last. */
  readonly #epochs = new Map<string, number>();

  constructor(surround: Surround) {
    this.#surround = surround;
  }

  /** The store gave the run to somebody. */
  claimed(id: string, epoch: number): void {
    this.#epochs.set(id, epoch);
  }

  /** Entries of that epoch were written. */
  appended(id: string, epoch: number): void {
    this.#law(
      this.#isCurrent(id, epoch),
      `${id}: entries of epoch ${epoch} were written under epoch ${this.#epochs.get(id)}`,
    );
  }

  /** A call of `execute` begins; tell by the function returned that the worker knows its end. */
  async sees(
    step: Step,
    life: Life,
    call: ExecuteCall<unknown, unknown>,
  ): Promise<() => void> {
    const { id, signal } = call;
    const unsettled: Unsettled = {
      id,
      step: step.name,
      epoch: call.epoch,
      abortedAtMs: Infinity,
    };
    this.#unsettled.add(unsettled);
    signal.addEventListener("abort", () => {
      unsettled.abortedAtMs = this.#surround.now();
    });
    const entries = await this.#entriesOf(id);
    const last = entries.findLast(
      ({ kind, step: name }) => kind === "intent" && name === step.name,
    );
    this.#law(
      (last?.attempt ?? 0) >= call.attempt,
      `${id}: execute of ${step.name} was called without a durable intent`,
    );
    if (this.#isCurrent(id, call.epoch)) {
      this.#drivenByOne(life, id, call.epoch);
      this.#law(
        entries.every(({ kind }) => kind !== "compensating"),
        `${id}: execute of ${step.name} was called while the run goes backward`,
      );
    }
    this.#keyIsOne(`${id} ${step.name} execute`, call.key);
    this.#seesWhatItMay(step, call, entries);
    return () => void this.#unsettled.delete(unsettled);
  }

  async seesCompensation(
    step: Step,
    life: Life,
    call: CompensateCall<unknown, unknown, unknown>,
  ): Promise<void> {
    const { id } = call;
    const entries = await this.#entriesOf(id);
    const of = (kind: StoredEntry["kind"]): readonly StoredEntry[] =>
      entries.filter(
        (entry) => entry.kind === kind && entry.step === step.name,
      );
    this.#law(
      (of("compensate.intent").at(-1)?.attempt ?? 0) >= call.attempt,
      `${id}: compensate of ${step.name} was called without a durable intent`,
    );
    this.#keyIsOne(`${id} ${step.name} compensate`, call.key);
    this.#keyIsOne(`${id} ${step.name} execute`, call.forwardKey);
    this.#law(
      of("intent").length > 0,
      `${id}: compensate of ${step.name}, which was never called`,
    );
    const recorded = entries.findLast(
      (entry) => entry.step === step.name && isOutput(entry),
    );
    const output: unknown = JSON.parse(recorded?.payload ?? "null");
    this.#law(
      recorded === undefined
        ? call.output === undefined
        : isDeepStrictEqual(call.output, output),
      `${id}: compensate of ${step.name} got another output than was recorded`,
    );
    this.#law(
      step.find === undefined || recorded !== undefined,
      `${id}: compensate of ${step.name} got no output although find was declared`,
    );
    if (!this.#isCurrent(id, call.epoch)) return;
    this.#drivenByOne(life, id, call.epoch);
    this.#nothingIsUnsettled(step, id, call.epoch);
    this.#laterUnitsAreUndone(step, id);
  }

  /** Adds a violation unless it holds. */
  #law(holds: boolean, violation: string): void {
    if (!holds) this.violations.push(violation);
  }

  async #entriesOf(id: string): Promise<readonly StoredEntry[]> {
    return (await this.#surround.store.read(id))?.entries ?? [];
  }

  /** Whether the caller still holds the run: who has lost it cannot know what happens now. */
  #isCurrent(id: string, epoch: number): boolean {
    return this.#epochs.get(id) === epoch;
  }

  #drivenByOne(life: Life, id: string, epoch: number): void {
    const place = `${id} under epoch ${epoch}`;
    const driver = this.#drivers.get(place) ?? life.name;
    this.#drivers.set(place, driver);
    this.#law(
      driver === life.name,
      `${place} is driven by ${driver} and by ${life.name}`,
    );
  }

  #keyIsOne(place: string, key: string): void {
    const known = this.#keys.get(place) ?? key;
    this.#keys.set(place, known);
    this.#law(known === key, `${place}: keys ${known} and ${key}`);
  }

  #seesWhatItMay(
    step: Step,
    { id, steps }: ExecuteCall<unknown, unknown>,
    entries: readonly StoredEntry[],
  ): void {
    const may: Record<string, unknown> = {};
    for (const before of this.#surround.definition.steps) {
      if (before.unit >= step.unit) break;
      const entry = entries.find(
        (each) => each.step === before.name && isOutput(each),
      );
      may[before.name] =
        entry?.payload === undefined ? undefined : JSON.parse(entry.payload);
    }
    this.#law(
      isDeepStrictEqual(steps, may),
      `${id}: ${step.name} sees ${JSON.stringify(steps)}, not ${JSON.stringify(may)}`,
    );
  }

  /** A compensation must not overtake a call made under the same claim. */
  #nothingIsUnsettled(step: Step, id: string, epoch: number): void {
    const { now, graceMs } = this.#surround;
    for (const call of this.#unsettled)
      if (call.id === id && call.epoch === epoch)
        this.#law(
          now() - call.abortedAtMs >= graceMs,
          `${id}: compensate of ${step.name} began while ${call.step} was running`,
        );
  }

  #laterUnitsAreUndone(step: Step, id: string): void {
    const { definition, ledger } = this.#surround;
    for (const later of definition.steps)
      if (later.unit > step.unit && later.compensate !== undefined)
        this.#law(
          !ledger.isDone(`${id}:${later.name}:execute`),
          `${id}: ${step.name} is compensated before ${later.name}`,
        );
  }
}

/** Whether the entry tells what the step gave. */
export const isOutput = ({ kind, detail }: StoredEntry): boolean =>
  kind === "ok" ||
  (kind === "find" && detail?.found === true) ||
  (kind === "admin.resolve" && detail?.done === true);
