import {
  requireDuration,
  requireInteger,
  systemClock,
  type Clock,
  type Duration,
  type MetricFamily,
} from "@dp/core";
import type { Conclusion } from "./conclude.ts";
import type { Decision } from "./decision.ts";
import { readSubjects, type Keys } from "./keys.ts";
import { limiterMetrics } from "./limiter-metrics.ts";
import type {
  Limiter,
  MemoryLimiter,
  ReserveOptions,
  WaitOptions,
} from "./limiter.ts";
import { createReservation, type Reservation } from "./reservation.ts";
import type { StoreGuard } from "./store-guard.ts";
import type { BoundPolicy, SyncStoreSession } from "./stores/store.ts";
import { WaitList } from "./wait-list.ts";

/** What a limiter is made of, whatever its store. */
export interface LimiterParts<P extends string> {
  readonly names: readonly P[];
  readonly bound: readonly BoundPolicy[];
  readonly prefix: string;
  readonly clock: Clock | undefined;
  readonly conclusion: Conclusion<P>;
  readonly guard: StoreGuard;
}

/** A limiter on any store. */
export class StoreLimiter<P extends string> implements Limiter<P> {
  readonly #parts: LimiterParts<P>;
  readonly #clock: Clock;
  #waiting: WaitList<P> | undefined;

  constructor(parts: LimiterParts<P>) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
  }

  take(keys: Keys<P>, cost = 1): Promise<Decision<P>> {
    return this.decide(keys, cost, cost > 0);
  }

  async allow(keys: Keys<P>, cost = 1): Promise<boolean> {
    return (await this.take(keys, cost)).allowed;
  }

  peek(keys: Keys<P>, cost = 1): Promise<Decision<P>> {
    return this.decide(keys, cost, false);
  }

  async reserve(
    keys: Keys<P>,
    cost: number,
    options: ReserveOptions = {},
  ): Promise<Reservation<P>> {
    requireInteger("cost", cost);
    const ttlMs = requireDuration("ttl", options.ttl ?? "1m", 1);
    const subjects = this.#subjects(keys);
    const { conclusion, guard } = this.#parts;
    const { answer, session } = await guard.decide(subjects, cost, cost > 0);
    const decision = conclusion.draw(answer, cost > 0);
    // A policy in shadow that could not take the cost was not charged.
    const { refused } = answer;
    return createReservation(decision, cost, ttlMs, this.#clock, (amount) =>
      guard.adjust(session, subjects, amount, refused),
    );
  }

  async wait(keys: Keys<P>, options: WaitOptions = {}): Promise<Decision<P>> {
    const { maxWait = Infinity, signal } = options;
    const cost = requireInteger("cost", options.cost ?? 1, 1);
    const maxWaitMs = requireDuration("maxWait", maxWait);
    const list = (this.#waiting ??= this.#createWaitList());
    return await list.wait(this.#subjects(keys), cost, maxWaitMs, signal);
  }

  refund(keys: Keys<P>, cost: number): Promise<void> {
    return this.#adjust(keys, cost, -1);
  }

  penalize(keys: Keys<P>, cost: number): Promise<void> {
    return this.#adjust(keys, cost, 1);
  }

  async block(keys: Keys<P>, duration: Duration): Promise<void> {
    const forMs = requireDuration("duration", duration);
    const subjects = this.#subjects(keys);
    await this.#parts.guard.insist("block", (session) =>
      session.block(subjects, forMs),
    );
  }

  async reset(keys: Keys<P>): Promise<void> {
    const subjects = this.#subjects(keys);
    await this.#parts.guard.insist("reset", (session) =>
      session.reset(subjects),
    );
  }

  metrics(): Iterable<MetricFamily> {
    const { names, bound, prefix, conclusion, guard } = this.#parts;
    return limiterMetrics({
      prefix,
      names,
      enforced: bound.map(({ enforced }) => enforced),
      tally: conclusion.tally,
      counts: guard.session.counts?.(),
      errors: guard.errors,
      waiting: this.#waiting?.size ?? 0,
    });
  }

  protected decide(
    keys: Keys<P>,
    cost: number,
    commit: boolean,
  ): Promise<Decision<P>> {
    const { conclusion, guard } = this.#parts;
    try {
      requireInteger("cost", cost);
      const decided = guard.decide(this.#subjects(keys), cost, commit);
      return "then" in decided
        ? decided.then(({ answer }) => conclusion.draw(answer, commit))
        : Promise.resolve(conclusion.draw(decided.answer, commit));
    } catch (error) {
      return new Promise(() => {
        throw error;
      });
    }
  }

  async #adjust(keys: Keys<P>, cost: number, sign: 1 | -1): Promise<void> {
    const amount = sign * requireInteger("cost", cost);
    const { guard } = this.#parts;
    if (amount !== 0)
      await guard.adjust(guard.session, this.#subjects(keys), amount);
  }

  #subjects(keys: Keys<P>): string[] {
    const subjects: string[] = [];
    readSubjects(keys, this.#parts.names, subjects);
    return subjects;
  }

  #createWaitList(): WaitList<P> {
    const { bound, conclusion, guard } = this.#parts;
    let slowestMs = 0;
    for (const { policy, enforced } of bound)
      if (enforced) slowestMs = Math.max(slowestMs, policy.paceMs ?? 0);
    return new WaitList<P>({
      clock: this.#clock,
      paceMs: (cost) => cost * slowestMs,
      decide: async (subjects, cost, commit) => {
        const { answer } = await guard.decide(subjects, cost, commit);
        return conclusion.draw(answer, commit && answer.refusal === undefined);
      },
    });
  }
}

/** A limiter on a store that answers at once. */
export class SyncStoreLimiter<P extends string>
  extends StoreLimiter<P>
  implements MemoryLimiter<P>
{
  readonly #names: readonly P[];
  readonly #conclusion: Conclusion<P>;
  readonly #session: SyncStoreSession;
  /** Kept to spare allocating it. */
  readonly #subjects: string[] = [];

  constructor(parts: LimiterParts<P>, session: SyncStoreSession) {
    super(parts);
    this.#names = parts.names;
    this.#conclusion = parts.conclusion;
    this.#session = session;
  }

  takeSync(keys: Keys<P>, cost = 1): Decision<P> {
    return this.#decideSync(keys, cost, cost > 0);
  }

  protected override decide(
    keys: Keys<P>,
    cost: number,
    commit: boolean,
  ): Promise<Decision<P>> {
    return new Promise((resolve) => {
      resolve(this.#decideSync(keys, cost, commit));
    });
  }

  #decideSync(keys: Keys<P>, cost: number, commit: boolean): Decision<P> {
    requireInteger("cost", cost);
    readSubjects(keys, this.#names, this.#subjects);
    const answer = this.#session.decideSync(this.#subjects, cost, commit);
    return this.#conclusion.draw(answer, commit);
  }
}
