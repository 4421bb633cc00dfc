import type { Clock, Random } from "@dp/core";
import type { Instance, Metadata } from "../instance.ts";

/** An instance that may be picked now. */
export interface Candidate<M = Metadata> {
  readonly id: string;
  /** Relative capacity, above 0. */
  readonly weight: number;
  readonly instance: Instance<M>;
  /**
   * Room for the balancer of the last update to keep what it knows of this candidate, so that it need not look for it.
   * Only for candidates that have it, and of no meaning to others.
   */
  seat?: unknown;
}

export interface PickRequest {
  /** What the pick is for; used by balancers that keep equal keys on equal instances, ignored by the rest. */
  readonly key?: string | undefined;
  /** Ids that must not be picked: those a retry has tried. */
  readonly exclude?: ReadonlySet<string> | undefined;
}

export interface Report {
  readonly outcome: "success" | "failure" | "cancelled";
  readonly latencyMs?: number | undefined;
}

/**
 * Port: which of the candidates gets the next request. Holds state, so one object serves one view. All methods are
 * synchronous. `balancerSuite` from `@dp/discovery/testing` checks all of this.
 */
export interface Balancer {
  /**
   * Replaces the candidates; ids are unique. Identity is the id: counts, averages and the place in the round are kept
   * for ids that stay. An object seen before may come again with another weight or instance.
   */
  update(candidates: readonly Candidate[]): void;
  /** One of the objects of the last update, counted as one in flight; undefined if none is left after `exclude`. */
  pick(request?: PickRequest): Candidate | undefined;
  /**
   * Takes one pick off the count and learns from its outcome. Called once per pick; harmless for ids that were removed
   * since. The report is read during the call only.
   */
  settle(candidate: Candidate, report: Report): void;
  /**
   * Another balancer of the same kind with the same options and no state. A view that splits load between tiers gives
   * each its own; without this, all tiers but the best one get a `powerOfTwo`.
   */
  fork?(): Balancer;
}

/** Taken by every balancer factory. */
export interface BalancerOptions {
  /** @defaultValue the machine's generator */
  readonly random?: Random | undefined;
  /** @defaultValue the machine's clock */
  readonly clock?: Clock | undefined;
}
