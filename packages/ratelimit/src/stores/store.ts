import type { Clock } from "@dp/core";
import type { LeaseStore } from "../leases/lease-store.ts";
import type { LimitPolicy } from "../algorithms/algorithm.ts";
import type { Allowed, LimitState } from "../decision.ts";

/** One policy of a limiter, as a store sees it. */
export interface BoundPolicy {
  /** Tells the states of this policy from all others in the store. */
  readonly id: string;
  readonly policy: LimitPolicy;
  /** False for a policy in shadow: it is charged when it can be, and never refuses. */
  readonly enforced: boolean;
}

/** What a store found, for all policies of one limiter at one moment. */
export interface StoreAnswer {
  /**
   * Why nothing was charged: `blocked` = an enforced policy's subject is blocked; `limit` = none is, but one is
   * exhausted; `store` = none is, but one had no room for its subject, or the store could not tell. Undefined when the
   * enforced policies let the cost through.
   */
  readonly refusal: "blocked" | "limit" | "store" | undefined;
  /** In the order of the bound policies, each as the decision left it. */
  readonly states: readonly LimitState[];
  /** In the same order: whether the policy could not take the cost, enforced or not. */
  readonly refused: readonly boolean[];
  /**
   * Who decided, if that was not the store with all it knows.
   * @defaultValue 'store'
   */
  readonly source?: Allowed<string>["source"] | undefined;
}

/** The numbers a store gives for the metrics of one policy. */
export interface StoreCounts {
  /** Subjects held now. */
  readonly keys: number;
  /** Subjects forgotten so far because they were back to full. */
  readonly forgotten: number;
  /** Decisions so far for subjects that found no room. */
  readonly overflowed: number;
}

/** The policies of one limiter in one store. */
export interface StoreSession {
  /**
   * Decides for `subjects` (one for each bound policy, in order) at one moment: if every enforced policy can take
   * `cost` and `commit` is true, charges `cost` to every policy that can take it; otherwise charges nothing to any.
   * Atomic: no other decision on the store sees or makes a part of it. Does not keep `subjects`.
   * `cost` is a safe integer of at least 0. The answer itself is returned when it is known at once, without a promise.
   * Rejects if the store cannot tell; then it is unknown whether it charged.
   */
  decide(
    subjects: readonly string[],
    cost: number,
    commit: boolean,
  ): StoreAnswer | Promise<StoreAnswer>;
  /**
   * Takes `amount` from each subject without asking, if it is above 0, or gives as much back, if it is below, to no more
   * than full. Policies for which `skipped` is true are left alone. Rejects like `decide`.
   */
  adjust(
    subjects: readonly string[],
    amount: number,
    skipped?: readonly boolean[],
  ): Promise<void>;
  /** Refuses the subjects everything for `forMs` from now on; 0 ends that. */
  block(subjects: readonly string[], forMs: number): Promise<void>;
  /** Makes the subjects ones that have taken nothing and are not blocked. */
  reset(subjects: readonly string[]): Promise<void>;
  /** One for each bound policy, in order. */
  counts?(): readonly StoreCounts[];
}

/** A session that answers at once. */
export interface SyncStoreSession extends StoreSession {
  /** As `decide`, without a promise. */
  decideSync(
    subjects: readonly string[],
    cost: number,
    commit: boolean,
  ): StoreAnswer;
}

/** Where limiters keep what subjects have taken. Make one with `memoryStore()`, or write your own. */
export interface LimitStore {
  /**
   * Prepares the store for one limiter; called once by it. Equal ids with equal `policy.identity` share their states.
   * `clock` is set when the user chose one; otherwise a store uses its own time.
   */
  bind(
    policies: readonly BoundPolicy[],
    clock: Clock | undefined,
  ): StoreSession;
  /** Set if it keeps leases, for `createConcurrencyLimiter`. */
  readonly leases?: LeaseStore | undefined;
}

/** A store inside the process. */
export interface MemoryStore extends LimitStore {
  /** Subjects held now, counted once for each policy. */
  readonly size: number;
  bind(
    policies: readonly BoundPolicy[],
    clock: Clock | undefined,
  ): SyncStoreSession;
}
