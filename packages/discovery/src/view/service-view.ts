import type { MetricSource } from "@dp/core";
import type { PickRequest } from "../balancers/balancer.ts";
import type { NoInstanceReason } from "../errors.ts";
import type { Instance, Metadata } from "../instance.ts";
import type { TierPart } from "./tier-part.ts";

/**
 * One pick. Say how it went exactly once: the first of `success`, `failure` and disposal counts, later ones do nothing.
 * Disposed without a report it counts as cancelled: off the count, nothing learnt. A lease that is never settled counts
 * as in flight for ever, so hold it with `using` or use `ServiceView.use`.
 */
export interface Lease<M = Metadata> extends Disposable {
  /** As it was when picked. */
  readonly instance: Instance<M>;
  success(latencyMs?: number): void;
  failure(error?: unknown): void;
}

/**
 * Where an instance stands: `ready` may be picked; `pending` waits for its first health result and is picked only
 * while nobody is ready; `unhealthy` and `ejected` are picked in a panic only; `draining` never is; `unselected` is not
 * in the subset this client uses, and neither picked nor checked.
 */
export type Standing =
  "ready" | "pending" | "unhealthy" | "ejected" | "draining" | "unselected";

/** What a view knows at one moment. Not updated: read it again. */
export interface ViewSnapshot<M = Metadata> {
  /** Of the registry, as of the last event, or of the snapshot file before the first; 0n without either. */
  readonly revision: bigint;
  /**
   * 0 while in contact with the registry, else the time since contact was lost; before the first answer the time since
   * the snapshot file was written (by the wall clock), if it is in use.
   */
  readonly ageMs: number;
  /** Out of contact, or no answer yet: `instances` is the last that was known. */
  readonly stale: boolean;
  /** In some tier that gets picks fewer than the threshold are healthy, so all of it that serve are used. */
  readonly panic: boolean;
  /** All that are known, whatever their standing. */
  readonly instances: readonly Instance<M>[];
  /**
   * Ids that the last snapshot of the registry lacks, kept for the grace of `holdRemovals`; before its first answer
   * those from the snapshot file.
   */
  readonly unconfirmed: ReadonlySet<string>;
}

/** Why a pick goes where it goes. */
export interface PickExplanation {
  /** In one line. */
  readonly text: string;
  /** Why a pick would throw `NoInstanceError`; undefined if it would not. */
  readonly refusal: NoInstanceReason | undefined;
  readonly panic: boolean;
  readonly stale: boolean;
  readonly ageMs: number;
  /** Best first; those of one priority, parted by zone where the own zone is preferred. */
  readonly tiers: readonly ExplainedTier[];
  readonly instances: readonly ExplainedInstance[];
}

export interface ExplainedTier {
  readonly priority: number;
  readonly part: TierPart;
  /** Its part of the picks that exclude nobody, 0 to 1. */
  readonly load: number;
  readonly panic: boolean;
  /** How many of it may be picked. */
  readonly candidates: number;
}

export interface ExplainedInstance {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly priority: number;
  readonly zone: string | undefined;
  readonly standing: Standing;
  /** The registry's, times `share`, times `slowStart`. */
  readonly weight: number;
  /** 1, or less while it starts slowly. */
  readonly slowStart: number;
  /** How much of it the subset uses: 1 without one, 0 if it is unselected. */
  readonly share: number;
  /** Why this request may get it or may not, in words. */
  readonly why: string;
  /** Whether the balancer may choose it for this request. */
  readonly eligible: boolean;
  readonly excluded: boolean;
  readonly unconfirmed: boolean;
  /** Leases of this view that are not settled. */
  readonly inFlight: number;
  /** Failures in a row since the last success or ejection; 0 without outlier detection. */
  readonly failures: number;
  /** The share of successes in the last interval of outlier detection; undefined if it is off or saw too little. */
  readonly successRate: number | undefined;
  /** What is left of the ejection; 0 if not ejected. */
  readonly ejectedForMs: number;
}

/**
 * The instances of one service as one client sees and uses them. All views of a service on one registry object share
 * one watch; balancer state, health and ejection are each view's own.
 */
export interface ServiceView<M = Metadata>
  extends AsyncDisposable, MetricSource {
  readonly service: string;
  /**
   * An instance for one request, at once and without I/O: a registry that is slow or gone is never waited for.
   * Throws `NoInstanceError` with the reason, `ClosedError` after disposal. O(1) plus the balancer's cost.
   */
  pick(request?: PickRequest): Lease<M>;
  /**
   * Picks, runs `run` and reports for you, with the time it took: resolved is success, rejected is failure, except
   * that an AbortError is cancelled. What `run` reports itself comes first. Gives back what `run` gave.
   */
  use<T>(
    run: (lease: Lease<M>) => PromiseLike<T> | T,
    request?: PickRequest,
  ): Promise<T>;
  /**
   * Resolves as soon as at least `minimum` (1) instances are ready. Rejects with the signal's reason, or with
   * `ClosedError` when the view is disposed.
   */
  ready(options?: {
    readonly minimum?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  }): Promise<void>;
  /**
   * Lists anew, past the watch. Calls at the same time share one list. Rejects with the registry's error and keeps
   * what was known.
   */
  refresh(): Promise<void>;
  readonly snapshot: ViewSnapshot<M>;
  /** What `pick` would decide between for this request, without picking. */
  explain(request?: PickRequest): PickExplanation;
}
