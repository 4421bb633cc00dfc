import { LimitStoreError } from "./errors.ts";
import type { OnStoreError } from "./options.ts";
import type { StoreAnswer, StoreSession } from "./stores/store.ts";

/** An answer and the session that gave it, which is the one to settle with. */
export interface Decided {
  readonly answer: StoreAnswer;
  readonly session: StoreSession;
}

type Operation = "decide" | "adjust" | "block" | "reset";

/** Asks the store, and does what `onStoreError` says when it fails. The store is asked again each time. */
export class StoreGuard {
  readonly session: StoreSession;
  /** How often the store has failed, by what it was asked. */
  readonly errors: Record<Operation, number> = {
    decide: 0,
    adjust: 0,
    block: 0,
    reset: 0,
  };
  readonly #onStoreError: OnStoreError;
  readonly #bindLocal: () => StoreSession;
  #local: StoreSession | undefined;

  constructor(
    session: StoreSession,
    onStoreError: OnStoreError,
    bindLocal: () => StoreSession,
  ) {
    this.session = session;
    this.#onStoreError = onStoreError;
    this.#bindLocal = bindLocal;
  }

  decide(
    subjects: readonly string[],
    cost: number,
    commit: boolean,
  ): Decided | Promise<Decided> {
    const { session } = this;
    const failed = (cause: unknown): Promise<Decided> =>
      this.#decideWithout(cause, subjects, cost, commit);
    try {
      const answer = session.decide(subjects, cost, commit);
      return "then" in answer
        ? answer.then((told) => ({ answer: told, session }), failed)
        : { answer, session };
    } catch (cause) {
      return failed(cause);
    }
  }

  /**
   * Settles what `session` has decided. A store that fails then is told nothing more: the decision stands, and what was
   * charged for it comes back with time.
   */
  async adjust(
    session: StoreSession,
    subjects: readonly string[],
    amount: number,
    skipped?: readonly boolean[],
  ): Promise<void> {
    try {
      await session.adjust(subjects, amount, skipped);
    } catch (cause) {
      this.errors.adjust++;
      if (this.#onStoreError === "throw" || this.#onStoreError === "closed")
        throw new LimitStoreError("adjust", cause);
    }
  }

  /** What somebody wants to be sure of: it is done, or it throws. */
  async insist(
    operation: "block" | "reset",
    act: (session: StoreSession) => Promise<void>,
  ): Promise<void> {
    try {
      await act(this.session);
    } catch (cause) {
      this.errors[operation]++;
      throw new LimitStoreError(operation, cause);
    }
  }

  async #decideWithout(
    cause: unknown,
    subjects: readonly string[],
    cost: number,
    commit: boolean,
  ): Promise<Decided> {
    this.errors.decide++;
    if (this.#onStoreError === "throw")
      throw new LimitStoreError("decide", cause);
    const session = (this.#local ??= this.#bindLocal());
    if (this.#onStoreError === "local") {
      const answer = await session.decide(subjects, cost, commit);
      return { answer: { ...answer, source: "local" }, session };
    }
    const { states, refused } = await session.decide(subjects, 0, false);
    const answer: StoreAnswer =
      this.#onStoreError === "open"
        ? { refusal: undefined, states, refused, source: "open" }
        : { refusal: "store", states, refused };
    return { answer, session };
  }
}
