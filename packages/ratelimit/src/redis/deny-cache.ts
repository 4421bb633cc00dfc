import { systemClock, type Clock } from "@dp/core";
import type { StoreAnswer } from "../stores/store.ts";
import { laterAnswer, type Outcome } from "../remote/answer.ts";
import type { Part } from "./operation.ts";

const mostRefusals = 10_000;

/** When a decision was sent. */
export interface Moment {
  readonly sentMs: number;
  /** How often refusals had been dropped. */
  readonly drops: number;
}

/** A refusal and what it was for. */
export interface Refusal {
  readonly outcome: Outcome;
  readonly answer: StoreAnswer;
  readonly cost: number;
  readonly moment: Moment;
}

/**
 * Refusals that still hold, so that who hammers a closed door costs Redis nothing: at most 10,000, of which the least
 * recently used is dropped.
 *
 * A refusal holds for the same subjects and a cost at least as large until the limits would let its own cost through, if
 * nothing is given back. It was decided after it was sent, so counted from the sending that time is over no later here than
 * in Redis. What this process gives back, resets or blocks ends it; what others do is not seen.
 */
export class DenyCache {
  /** By all keys of the decision, in the order of use. The keys hold the identities of the policies. */
  readonly #refusals = new Map<string, Refusal>();
  /** Which of them a key is in. */
  readonly #uses = new Map<string, Set<string>>();
  #drops = 0;

  /** To be asked for before a decision is sent. */
  moment(clock: Clock | undefined): Moment {
    return { sentMs: (clock ?? systemClock).now(), drops: this.#drops };
  }

  /** The answer to a decision, if it is known to be a refusal. */
  find(
    parts: readonly Part[],
    cost: number,
    clock: Clock | undefined,
  ): StoreAnswer | undefined {
    const name = nameOf(parts);
    const refusal = this.#refusals.get(name);
    if (refusal === undefined || cost < refusal.cost) return undefined;
    const { outcome, moment } = refusal;
    const elapsedMs = (clock ?? systemClock).now() - moment.sentMs;
    // A clock that has gone back knows nothing.
    if (elapsedMs < 0) return undefined;
    if (laterAnswer(outcome, refusal.cost, elapsedMs) === undefined) {
      this.#forget(name, parts);
      return undefined;
    }
    this.#refusals.delete(name);
    this.#refusals.set(name, refusal);
    return laterAnswer(outcome, cost, elapsedMs);
  }

  /** Remembers a refusal, unless one was dropped since it was sent, or no waiting would end it. */
  keep(parts: readonly Part[], refusal: Refusal): void {
    const { outcome, answer, moment } = refusal;
    if (moment.drops !== this.#drops) return;
    const isFinal = outcome.found.some(
      ({ enforced }, index) =>
        enforced && answer.states[index]?.retryAfterMs === null,
    );
    if (isFinal) return;
    const name = nameOf(parts);
    this.#refusals.delete(name);
    this.#refusals.set(name, refusal);
    for (const { key } of parts) {
      const names = this.#uses.get(key);
      if (names === undefined) this.#uses.set(key, new Set([name]));
      else names.add(name);
    }
    if (this.#refusals.size > mostRefusals)
      for (const oldest of this.#refusals.keys()) {
        this.#forget(oldest, keysOf(oldest));
        break;
      }
  }

  /** Forgets every refusal that one of these subjects had a part in. */
  drop(parts: readonly Part[]): void {
    this.#drops++;
    for (const { key } of parts)
      for (const name of this.#uses.get(key) ?? [])
        this.#forget(name, keysOf(name));
  }

  #forget(name: string, parts: readonly { readonly key: string }[]): void {
    this.#refusals.delete(name);
    for (const { key } of parts) {
      const names = this.#uses.get(key);
      names?.delete(name);
      if (names?.size === 0) this.#uses.delete(key);
    }
  }
}

/** Keys hold no line breaks: subjects are written as JSON. */
const nameOf = (parts: readonly Part[]): string =>
  parts.map(({ key }) => key).join("\n");

const keysOf = (name: string): readonly { readonly key: string }[] =>
  name.split("\n").map((key) => ({ key }));
