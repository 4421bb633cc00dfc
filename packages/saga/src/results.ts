import {
  OrchestratorClosedError,
  SagaAbandonedError,
  SagaCompensatedError,
  UnknownRunError,
} from "./errors.ts";
import { isFinal } from "./journal.ts";
import { restoreError } from "./outcome.ts";
import { decodePayload } from "./payload.ts";
import type { RunState } from "./run-state.ts";

/** The result of a run that has ended; throws what became of it otherwise. */
export const resultOf = (run: RunState): unknown => {
  const { id, failure, resultError } = run;
  if (run.state === "abandoned") throw new SagaAbandonedError(id, run.leaked);
  if (run.state === "compensated")
    throw new SagaCompensatedError(
      id,
      failure?.step ?? "",
      failure?.reason ?? "failed",
      restoreError(failure?.error ?? { name: "Error", message: "unknown" }),
    );
  if (resultError !== undefined) throw restoreError(resultError);
  return decodePayload(run.result);
};

/** All who wait for one run. */
class Waiter {
  readonly promise: Promise<RunState>;
  resolve: (run: RunState) => void = () => undefined;
  reject: (error: Error) => void = () => undefined;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever waits hears of it; a rejection that comes first is no uncaught one.
    this.promise.catch(() => undefined);
  }
}

/** Those who wait for the end of runs, wherever the runs are driven. */
export class Results {
  readonly #read: (id: string) => Promise<RunState | undefined>;
  readonly #waiters = new Map<string, Waiter>();
  #isClosed = false;

  /** `read` asks the store. */
  constructor(read: (id: string) => Promise<RunState | undefined>) {
    this.#read = read;
  }

  /** Resolves with the run when it is final. All who wait for one run share one promise. */
  async wait(id: string, isHeld: boolean): Promise<RunState> {
    if (this.#isClosed) throw new OrchestratorClosedError(`run ${id}`);
    let waiter = this.#waiters.get(id);
    if (waiter === undefined) {
      waiter = new Waiter();
      this.#waiters.set(id, waiter);
      if (!isHeld) await this.#look(id);
    }
    return waiter.promise;
  }

  /** A run has come to an end here. */
  settle(run: RunState): void {
    if (!isFinal(run.state)) return;
    this.#waiters.get(run.id)?.resolve(run);
    this.#waiters.delete(run.id);
  }

  /** Looks into the store for those whose runs are not held here. */
  async look(isHeld: (id: string) => boolean): Promise<void> {
    for (const id of Array.from(this.#waiters.keys()))
      if (!isHeld(id)) await this.#look(id);
  }

  close(): void {
    this.#isClosed = true;
    for (const [id, waiter] of this.#waiters)
      waiter.reject(
        new OrchestratorClosedError(`nobody waits for run ${id} any more`),
      );
    this.#waiters.clear();
  }

  async #look(id: string): Promise<void> {
    const run = await this.#read(id);
    if (run !== undefined) {
      this.settle(run);
      return;
    }
    this.#waiters.get(id)?.reject(new UnknownRunError(id));
    this.#waiters.delete(id);
  }
}
