import type { Clock } from "@dp/core";
import type { Decision, Refused } from "./decision.ts";
import { DueTimes, type Watched } from "./due-times.ts";

/** A call that waits for its turn. */
interface Waiter<P extends string> extends Watched {
  readonly subjects: readonly string[];
  readonly cost: number;
  /** When it gives up. */
  readonly endMs: number;
  readonly resolve: (decision: Decision<P>) => void;
  readonly reject: (reason: unknown) => void;
  /** Its time is over. */
  readonly due: () => void;
}

/** Those who wait for the same subjects, the first in turn first. */
interface Line<P extends string> extends Watched {
  readonly key: string;
  readonly waiters: Waiter<P>[];
  /** When the first may be allowed; undefined while that is being asked. */
  dueMs: number | undefined;
  /** Its first may be allowed. */
  readonly due: () => void;
}

/** What a list needs to know of its limiter. */
export interface WaitListParts<P extends string> {
  readonly clock: Clock;
  /** Decides at once. Must not keep `subjects`. */
  decide(
    subjects: readonly string[],
    cost: number,
    commit: boolean,
  ): Promise<Decision<P>>;
  /** Milliseconds that `cost` takes to come back once nothing is left, at least. */
  paceMs(cost: number): number;
}

/**
 * Calls that wait until they are allowed, in the order in which they came for the same subjects: a large cost at the
 * head is not overtaken by small ones behind it. All share one timer, set to the next moment at which one may be allowed
 * or gives up.
 */
export class WaitList<P extends string> {
  readonly #parts: WaitListParts<P>;
  readonly #lines = new Map<string, Line<P>>();
  readonly #times: DueTimes<Waiter<P> | Line<P>>;

  constructor(parts: WaitListParts<P>) {
    this.#parts = parts;
    this.#times = new DueTimes(parts.clock, ({ due }) => due());
  }

  /** How many wait. */
  get size(): number {
    let size = 0;
    for (const { waiters } of this.#lines.values()) size += waiters.length;
    return size;
  }

  /** Resolves with what becomes of the call, rejects if `signal` aborts or the store fails. */
  wait(
    subjects: readonly string[],
    cost: number,
    maxWaitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Decision<P>> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const fail: (reason: unknown) => void = reject;
      const line = this.#lineOf(subjects);
      const waiter: Waiter<P> = {
        subjects,
        cost,
        endMs: this.#parts.clock.now() + maxWaitMs,
        resolve: (decision) => {
          signal?.removeEventListener("abort", abort);
          resolve(decision);
        },
        reject: (reason) => {
          signal?.removeEventListener("abort", abort);
          fail(reason);
        },
        due: () => this.#giveUp(line, waiter),
        slot: -1,
      };
      const abort = (): void => {
        this.#leave(line, waiter);
        waiter.reject(signal?.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#join(line, waiter);
    });
  }

  #lineOf(subjects: readonly string[]): Line<P> {
    const key = JSON.stringify(subjects);
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const line: Line<P> = {
      key,
      waiters: [],
      dueMs: undefined,
      due: () => void this.#serve(line),
      slot: -1,
    };
    this.#lines.set(key, line);
    return line;
  }

  #join(line: Line<P>, waiter: Waiter<P>): void {
    const ahead = line.waiters.length;
    line.waiters.push(waiter);
    if (ahead === 0) {
      void this.#serve(line);
      return;
    }
    if (this.#earliestMs(line, waiter) > waiter.endMs) {
      this.#giveUp(line, waiter);
      return;
    }
    this.#times.watch(waiter, waiter.endMs);
  }

  /** When one that is not the first may be allowed, if nobody else takes anything: no sooner. */
  #earliestMs({ dueMs, waiters }: Line<P>, waiter: Waiter<P>): number {
    if (dueMs === undefined) return -Infinity;
    let cost = waiter.cost;
    for (const each of waiters.slice(1)) {
      if (each === waiter) break;
      cost += each.cost;
    }
    return dueMs + this.#parts.paceMs(cost);
  }

  /** Asks for the first of the line until one has to wait. */
  async #serve(line: Line<P>): Promise<void> {
    line.dueMs = undefined;
    for (
      let first = line.waiters[0];
      first !== undefined;
      first = line.waiters[0]
    ) {
      this.#times.forget(first);
      const served = await this.#ask(first);
      // It may have left meanwhile; what it was granted is lost then, as it is for whoever leaves a moment later.
      if (line.waiters[0] !== first) continue;
      if (typeof served === "number") {
        line.dueMs = served;
        this.#times.watch(line, served);
        return;
      }
      line.waiters.shift();
      served();
    }
    this.#lines.delete(line.key);
  }

  /** What to do now that the call is decided, or when to ask again. */
  async #ask(waiter: Waiter<P>): Promise<number | (() => void)> {
    const { subjects, cost, endMs, resolve, reject } = waiter;
    let decision: Decision<P>;
    try {
      decision = await this.#parts.decide(subjects, cost, true);
    } catch (error) {
      return () => reject(error);
    }
    if (decision.allowed || decision.retryAfterMs === null)
      return () => resolve(decision);
    const dueMs = this.#parts.clock.now() + Math.max(1, decision.retryAfterMs);
    return dueMs > endMs
      ? () => resolve({ ...decision, reason: "queue" })
      : dueMs;
  }

  /** Its time would be over before its turn. */
  #giveUp(line: Line<P>, waiter: Waiter<P>): void {
    const earliestMs = this.#earliestMs(line, waiter);
    const waitMs = Math.max(0, earliestMs - this.#parts.clock.now());
    this.#leave(line, waiter);
    this.#parts.decide(waiter.subjects, waiter.cost, false).then((seen) => {
      const { limits, remaining, resetAfterMs } = seen;
      const refused: Refused<P> = {
        allowed: false,
        reason: "queue",
        violated: seen.allowed ? [] : seen.violated,
        retryAfterMs: seen.allowed
          ? waitMs
          : seen.retryAfterMs && Math.max(waitMs, seen.retryAfterMs),
        limits,
        remaining,
        resetAfterMs,
      };
      waiter.resolve(refused);
    }, waiter.reject);
  }

  #leave(line: Line<P>, waiter: Waiter<P>): void {
    const place = line.waiters.indexOf(waiter);
    if (place < 0) return;
    line.waiters.splice(place, 1);
    this.#times.forget(waiter);
    // Whoever is first now may cost less. While the first is being asked for, the asking goes on by itself.
    if (place === 0 && line.dueMs !== undefined) {
      this.#times.forget(line);
      void this.#serve(line);
    }
  }
}
