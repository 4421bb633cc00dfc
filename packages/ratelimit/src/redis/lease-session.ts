import type { Clock } from "@dp/core";
import { DueTimes } from "../due-times.ts";
import type {
  BoundPolicy,
  StoreAnswer,
  StoreSession,
} from "../stores/store.ts";
import { LeaseBook } from "./lease-book.ts";
import { learn, statesFor, type Budget } from "./lease-budget.ts";
import { LeaseHoldings } from "./lease-holdings.ts";
import { leaseSize, leaseSpanMs, longestIdleMs } from "./lease-size.ts";

const mostBudgets = 10_000;

/**
 * A session that takes more than it is asked for while there is room, and spends the rest without asking the store.
 *
 * Only what the store has charged is spent, and of no subject does a session hold more than `lease` units, those it has
 * asked for included. What it holds at the begin of an interval is all that it can let through beyond the store's own
 * bound: over any interval s, N sessions together admit at most burst + s / T + N * `lease`. That needs the store to carry
 * out what one session asks for in the order of asking, since a rest is given back and the next lease taken without
 * waiting. A session that ends without `close`, or whose answer is lost, leaves at most `lease` units charged and unspent.
 *
 * Near a limit it is exact: it leases a quarter of what was left at most, and nothing below 8. Peeks ask the store, where
 * what is leased counts as taken. The states of a decision from a lease are those of the store's last answer.
 */
export class LeasingSession implements StoreSession {
  readonly #session: StoreSession;
  readonly #bound: readonly BoundPolicy[];
  readonly #clock: Clock;
  readonly #lease: number;
  readonly #book = new LeaseBook();
  readonly #holdings: LeaseHoldings;
  readonly #ends: DueTimes<Budget>;
  #isClosed = false;

  constructor(
    session: StoreSession,
    bound: readonly BoundPolicy[],
    clock: Clock,
    lease: number,
  ) {
    this.#session = session;
    this.#bound = bound;
    this.#clock = clock;
    this.#lease = lease;
    this.#holdings = new LeaseHoldings(bound.length);
    this.#ends = new DueTimes<Budget>(clock, (budget, nowMs) =>
      this.#look(budget, nowMs),
    );
  }

  decide(
    subjects: readonly string[],
    cost: number,
    commit: boolean,
  ): StoreAnswer | Promise<StoreAnswer> {
    if (!commit || this.#isClosed)
      return this.#session.decide(subjects, cost, commit);
    const nowMs = this.#clock.now();
    const budget = this.#book.find(subjects);
    if (budget === undefined)
      return this.#askFor(this.#open(subjects, nowMs), cost);
    budget.usedMs = nowMs;
    return this.#spend(budget, cost, nowMs) ?? this.#ask(budget, cost);
  }

  adjust(
    subjects: readonly string[],
    amount: number,
    skipped?: readonly boolean[],
  ): Promise<void> {
    this.#endAll(subjects);
    return this.#session.adjust(subjects, amount, skipped);
  }

  block(subjects: readonly string[], forMs: number): Promise<void> {
    this.#endAll(subjects);
    return this.#session.block(subjects, forMs);
  }

  reset(subjects: readonly string[]): Promise<void> {
    this.#endAll(subjects);
    return this.#session.reset(subjects);
  }

  /** Gives back all that is left, and leases nothing more. */
  close(): void {
    this.#isClosed = true;
    for (
      let budget = this.#book.oldest();
      budget !== undefined;
      budget = this.#book.oldest()
    )
      this.#end(budget);
  }

  #open(subjects: readonly string[], nowMs: number): Budget {
    const budget = this.#book.open(subjects, nowMs);
    const oldest = this.#book.oldest();
    if (this.#book.size > mostBudgets && oldest !== undefined)
      this.#end(oldest);
    this.#ends.watch(budget, nowMs + longestIdleMs);
    return budget;
  }

  /** The decision, if what is left suffices. */
  #spend(budget: Budget, cost: number, nowMs: number): StoreAnswer | undefined {
    if (budget.rest < cost || nowMs >= budget.endMs) return undefined;
    budget.rest -= cost;
    if (budget.rest === 0) this.#holdings.update(budget);
    return {
      refusal: undefined,
      states: statesFor(budget.states, cost),
      refused: budget.refused,
      source: "lease",
    };
  }

  async #ask(budget: Budget, cost: number): Promise<StoreAnswer> {
    // Who comes while a lease is being asked for waits for it, but not for a second one.
    if (budget.asking !== undefined) {
      await budget.asking;
      const spent = this.#spend(budget, cost, this.#clock.now());
      if (spent !== undefined) return spent;
    }
    this.#giveBack(budget);
    if (budget.asking !== undefined || budget.isOut)
      return await this.#askFor(budget, cost);
    const free = this.#lease - this.#holdings.held(budget.subjects);
    const size = leaseSize(budget.remaining, cost, free);
    if (size === 0) return await this.#askFor(budget, cost);
    const asking = this.#askForMore(budget, cost, size);
    budget.asking = asking;
    try {
      return await asking;
    } finally {
      budget.asking = undefined;
    }
  }

  /** Asks for the cost alone. */
  async #askFor(budget: Budget, cost: number): Promise<StoreAnswer> {
    try {
      const answer = await this.#session.decide(budget.subjects, cost, true);
      learn(budget, answer);
      return answer;
    } catch (error) {
      budget.remaining = 0;
      throw error;
    }
  }

  /** Asks for the cost and a lease; if there is no room for both, for the cost. */
  async #askForMore(
    budget: Budget,
    cost: number,
    size: number,
  ): Promise<StoreAnswer> {
    const sentMs = this.#clock.now();
    const { subjects } = budget;
    let granted = 0;
    let answer: StoreAnswer;
    budget.remaining = 0;
    budget.asked = size;
    this.#holdings.update(budget);
    try {
      answer = await this.#session.decide(subjects, cost + size, true);
      if (answer.refusal === undefined) granted = size;
    } finally {
      budget.asked = 0;
      budget.rest = granted;
      this.#holdings.update(budget);
    }
    if (answer.refusal !== undefined) return await this.#askFor(budget, cost);
    learn(budget, answer);
    budget.refused = answer.refused;
    budget.endMs =
      sentMs + leaseSpanMs(size, this.#bound, subjects, answer.states);
    if (budget.isOut) this.#giveBack(budget);
    else this.#ends.watch(budget, dueMsOf(budget));
    return { ...answer, states: statesFor(answer.states, cost) };
  }

  /** Nobody waits for it: if it fails, the units come back with time. */
  #giveBack(budget: Budget): void {
    const { subjects, rest, refused } = budget;
    if (rest === 0) return;
    budget.rest = 0;
    this.#holdings.update(budget);
    this.#session.adjust(subjects, -rest, refused).catch(() => undefined);
  }

  #end(budget: Budget): void {
    this.#book.remove(budget);
    this.#ends.forget(budget);
    this.#giveBack(budget);
  }

  /** Ends every lease that has units of one of the subjects, and forgets what was left of them. */
  #endAll(subjects: readonly string[]): void {
    const own = this.#book.find(subjects);
    if (own !== undefined) this.#end(own);
    for (const budget of this.#holdings.sharing(subjects)) this.#end(budget);
  }

  #look(budget: Budget, nowMs: number): void {
    if (budget.asking !== undefined) {
      this.#ends.watch(budget, nowMs + longestIdleMs);
      return;
    }
    if (nowMs >= budget.usedMs + longestIdleMs) {
      this.#end(budget);
      return;
    }
    if (nowMs >= budget.endMs) this.#giveBack(budget);
    this.#ends.watch(budget, dueMsOf(budget));
  }
}

/** When the lease ends, or when the budget has not been used for too long. */
const dueMsOf = ({ rest, endMs, usedMs }: Budget): number => {
  const unusedMs = usedMs + longestIdleMs;
  return rest > 0 ? Math.min(endMs, unusedMs) : unusedMs;
};
