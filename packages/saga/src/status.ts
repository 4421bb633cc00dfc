import type { RecordedError, SagaState, StuckReason } from "./journal.ts";

/** How a run stands. */
export interface SagaStatus {
  readonly id: string;
  /** Empty if the store does not know the run. */
  readonly name: string;
  readonly version: number;
  readonly state: SagaState | "unknown";
  /** What a person has to look at. */
  readonly stuck?:
    | {
        readonly reason: StuckReason;
        readonly steps: readonly string[];
        readonly error?: RecordedError | undefined;
      }
    | undefined;
  /** The steps whose effects remain, when the run was abandoned. */
  readonly leaked?: readonly string[] | undefined;
}
