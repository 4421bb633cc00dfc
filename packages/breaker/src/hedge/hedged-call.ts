import { Abort } from "../abort.ts";
import type { Call, CallContext } from "../call.ts";
import type { Verdict } from "../classify.ts";
import {
  createContext,
  judge,
  unwatchAbort,
  watchAbort,
  type CallScope,
  type Interest,
} from "../context.ts";
import { Deadline, deadlinesOf } from "../deadlines.ts";
import { ResilienceError } from "../errors.ts";
import { outcomeOf, type OutcomeOf } from "../outcome-of.ts";
import type { HedgeBudget } from "./hedge-budget.ts";

/** What one call needs of its policy. */
export interface Hedging {
  readonly max: number;
  readonly budget: HedgeBudget | undefined;
  /** The first run has taken so long, or that long and was given up. */
  measured(elapsedMs: number, now: number): void;
  count(what: "extra" | "won" | "denied"): void;
}

/** One of the runs of a call. */
interface Run {
  readonly aborts: Abort;
  readonly interest: Interest;
  readonly scope: CallScope;
}

/** Whether a policy inside has ended the run, which says nothing about the others: it is full, or open. */
const isRefusal = (outcome: OutcomeOf<unknown>): boolean =>
  !outcome.ok && ResilienceError.is(outcome.error);

/** One call and the runs that race for its answer. */
export class HedgedCall<T> extends Deadline {
  dueMs = 0;
  readonly limitMs: number;
  readonly #hedging: Hedging;
  readonly #hedges: boolean;
  readonly #next: Call<T>;
  readonly #context: CallContext;
  readonly #scope: CallScope;
  readonly #resolve: (value: T) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #startedMs: number;
  readonly #running = new Set<Run>();
  #first: Run | undefined;
  /** What is given back. */
  #answer: OutcomeOf<T> | undefined;
  #extra = 0;
  #isLate: (() => void) | undefined;

  constructor(
    hedging: Hedging,
    afterMs: number | undefined,
    next: Call<T>,
    context: CallContext,
    scope: CallScope,
    resolve: (value: T) => void,
    reject: (reason: unknown) => void,
  ) {
    super();
    this.limitMs = afterMs ?? Infinity;
    this.#hedging = hedging;
    this.#hedges = afterMs !== undefined;
    this.#next = next;
    this.#context = context;
    this.#scope = scope;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#startedMs = scope.clock.now();
  }

  start(): void {
    this.#hedging.budget?.begin();
    watchAbort(this.#context, this.#scope, this.#abort);
    this.#first = this.#launch();
  }

  /** The runs under way take long. */
  expire(): void {
    this.#isLate?.();
  }

  /** By a promise: its `then` keeps the async context of the call, while the timer is in that of any other. */
  #awaitDeadline(): void {
    new Promise<void>((resolve) => {
      this.#isLate = resolve;
    })
      .then(this.#again)
      .catch(this.#fail);
    this.dueMs = this.#scope.clock.now() + this.limitMs;
    deadlinesOf(this.#scope.clock).add(this);
  }

  readonly #again = (): void => {
    // The call has ended in the same moment.
    if (this.#running.size === 0) return;
    const { budget } = this.#hedging;
    if (budget?.take() === false) {
      this.#hedging.count("denied");
      return;
    }
    this.#extra++;
    this.#hedging.count("extra");
    this.#launch();
  };

  #launch(): Run {
    const aborts = new Abort();
    const interest = { lost: false, outer: this.#scope.interest };
    const scope: CallScope = { ...this.#scope, aborts, interest };
    const { attempt, deadlineMs, key, priority } = this.#context;
    const context = createContext(
      scope,
      aborts.signal,
      attempt + this.#extra,
      deadlineMs,
      key,
      priority,
    );
    const run = { aborts, interest, scope };
    this.#running.add(run);
    if (this.#hedges && this.#extra < this.#hedging.max) this.#awaitDeadline();
    void outcomeOf(this.#next, context, scope).then((outcome) => {
      if (this.#running.delete(run)) this.#end(run, outcome);
      else this.#discard(outcome);
    });
    return run;
  }

  #end(run: Run, outcome: OutcomeOf<T>): void {
    let verdict: Verdict;
    try {
      verdict = judge(run.scope, outcome);
    } catch (error) {
      this.#fail(error);
      return;
    }
    const ends = verdict === "success" || verdict === "ignore";
    if ((!ends || isRefusal(outcome)) && this.#running.size > 0) {
      this.#discard(outcome);
      return;
    }
    if (verdict === "success") this.#learn(run);
    this.#answer = outcome;
    this.#settle(() =>
      outcome.ok ? this.#resolve(outcome.value) : this.#reject(outcome.error),
    );
  }

  /** Another run's outcome is given back. Not if that has the same value, which runs that are coalesced have. */
  #discard(outcome: OutcomeOf<T>): void {
    const answer = this.#answer;
    if (!outcome.ok || (answer?.ok === true && answer.value === outcome.value))
      return;
    this.#scope.discard?.(outcome.value);
  }

  /** The first run is what is timed: those it is hedged with say little about how long a call takes. */
  #learn(winner: Run): void {
    const first = this.#first as Run;
    if (winner !== first) {
      this.#hedging.count("won");
      if (!this.#running.has(first)) return;
    }
    const now = this.#scope.clock.now();
    this.#hedging.measured(now - this.#startedMs, now);
  }

  /** What was asked about the call has thrown. */
  readonly #fail = (error: unknown): void =>
    this.#settle(() => this.#reject(error));

  #settle(settle: () => void): void {
    this.#finish(settle);
    if (this.#running.size > 0)
      this.#giveUp(
        new DOMException("another run was quicker", "AbortError"),
        true,
      );
  }

  readonly #abort = (): void => {
    const reason: unknown = this.#context.signal.reason;
    this.#finish(() => this.#reject(reason));
    this.#giveUp(reason, false);
  };

  #finish(settle: () => void): void {
    deadlinesOf(this.#scope.clock).remove(this);
    unwatchAbort(this.#context, this.#scope, this.#abort);
    const { budget } = this.#hedging;
    for (let extra = 0; extra < this.#extra; extra++) budget?.giveBack();
    budget?.end();
    // First, so that what an abort sets off cannot come before it.
    settle();
  }

  /** Aborts the runs that are left, for which nobody waits any more. */
  #giveUp(reason: unknown, lost: boolean): void {
    const runs = [...this.#running];
    this.#running.clear();
    for (const { aborts, interest } of runs) {
      interest.lost = lost;
      aborts.abort(reason);
    }
  }
}
