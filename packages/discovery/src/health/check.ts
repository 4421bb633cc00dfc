import type { Instance } from "../instance.ts";

/** Port: how an instance is asked whether it can work. A description; each view runs its own checks from it. */
export interface HealthCheck<M = unknown> {
  /** From the start of one check to the start of the next; a check that takes longer delays the next. */
  readonly intervalMs: number;
  /** When a check that has not answered counts as failed. */
  readonly timeoutMs: number;
  /** Successes in a row that make an unhealthy instance healthy. */
  readonly rise: number;
  /** Failures in a row that make a healthy instance unhealthy. */
  readonly fall: number;
  /**
   * Resolves if the instance can work, rejects if not. The signal aborts at the timeout and when the result is no
   * longer wanted; a check that ignores it is counted as failed all the same, but keeps what it holds.
   */
  check(instance: Instance<M>, signal: AbortSignal): Promise<void>;
}
