import type { CallContext } from "../call.ts";
import { unwatchAbort, watchAbort, type CallScope } from "../context.ts";
import { Deadline, deadlinesOf } from "../deadlines.ts";
import type { Waiting } from "./wait-queue.ts";

/** One call that waits: for a place, for the end of its patience, or for its abort. */
export class Waiter extends Deadline implements Waiting {
  before: Waiting | undefined = undefined;
  after: Waiting | undefined = undefined;
  readonly dueMs: number;
  readonly limitMs: number;
  readonly #context: CallContext;
  readonly #scope: CallScope;
  readonly #hasPlace: () => void;
  readonly #leave: (isTooLong: boolean) => void;

  constructor(
    context: CallContext,
    scope: CallScope,
    limitMs: number,
    hasPlace: () => void,
    leave: (isTooLong: boolean) => void,
  ) {
    super();
    this.limitMs = limitMs;
    this.dueMs = limitMs === Infinity ? Infinity : scope.clock.now() + limitMs;
    this.#context = context;
    this.#scope = scope;
    this.#hasPlace = hasPlace;
    this.#leave = leave;
  }

  start(): void {
    if (this.limitMs !== Infinity) deadlinesOf(this.#scope.clock).add(this);
    watchAbort(this.#context, this.#scope, this.#abort);
  }

  /** There is a place. */
  enter(): void {
    this.#stop();
    this.#hasPlace();
  }

  expire(): void {
    this.#stop();
    this.#leave(true);
  }

  readonly #abort = (): void => {
    this.#stop();
    this.#leave(false);
  };

  #stop(): void {
    deadlinesOf(this.#scope.clock).remove(this);
    unwatchAbort(this.#context, this.#scope, this.#abort);
  }
}
