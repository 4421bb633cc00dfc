import type { CancelAnswer } from "./stores/store.ts";
import type { SagaStatus } from "./status.ts";

/** One run, wherever it is driven. */
export interface SagaHandle<R> {
  readonly id: string;
  /**
   * What the run gives. Waits as long as the run is live, so also while it is stuck. Rejects with `SagaCompensatedError`,
   * `SagaAbandonedError`, `UnknownRunError` or, when the orchestrator is closed, `OrchestratorClosedError`.
   */
  result(): Promise<R>;
  /** How the run stands in the store. */
  status(): Promise<SagaStatus>;
  /**
   * Asks that the run go backward. Once `accepted` it never completes; the call returns before it is compensated.
   * `too-late`: the pivot has begun.
   */
  cancel(reason?: string): Promise<CancelAnswer>;
}
