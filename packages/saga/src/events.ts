import type { JournalKind, SagaState } from "./journal.ts";

/** What an orchestrator tells its listeners. */
export type SagaEvent =
  /** An entry is durable. */
  | {
      readonly kind: "entry";
      readonly id: string;
      readonly saga: string;
      readonly entry: JournalKind;
      readonly step: string | undefined;
      /** The state of the run with it. */
      readonly state: SagaState;
    }
  /** A step said so by `log`. */
  | {
      readonly kind: "log";
      readonly id: string;
      readonly saga: string;
      readonly step: string;
      readonly attempt: number;
      readonly message: string;
    }
  /** Another worker has the run; its calls here were told to give up. */
  | { readonly kind: "lost"; readonly id: string; readonly saga: string }
  /** The store failed; what was being done is done again. */
  | {
      readonly kind: "store-error";
      readonly doing: string;
      readonly error: unknown;
    };
