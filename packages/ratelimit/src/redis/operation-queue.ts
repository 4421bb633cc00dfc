import type { Outcome } from "../remote/answer.ts";
import { atEndOfTurn } from "./end-of-turn.ts";
import type { Operation } from "./operation.ts";
import { groupsOf, mostTogether } from "./operation-groups.ts";
import type { RedisCalls } from "./redis-calls.ts";
import { callOf } from "./script-call.ts";
import { decideScript } from "./scripts.ts";
import { isPlainTake } from "./takes.ts";

interface Entry {
  readonly operation: Operation;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** How operations get together, and keep their order. */
export interface QueueOptions {
  /** Whether what is asked for in one turn of the event loop shares calls. */
  readonly batch: boolean;
  /** Whether only what has the same hash tag may. */
  readonly byTag: boolean;
}

/** Operations on their way to Redis. */
export class OperationQueue {
  readonly #calls: RedisCalls;
  readonly #options: QueueOptions;
  #entries: Entry[] = [];

  constructor(calls: RedisCalls, options: QueueOptions) {
    this.#calls = calls;
    this.#options = options;
  }

  /**
   * What came of a decision; of another operation, nothing to look at. Rejects as `RedisCalls.run` does, for all operations
   * of one call alike.
   */
  add(operation: Operation): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const entry = { operation, resolve, reject };
      if (this.#entries.push(entry) === 1) atEndOfTurn(() => this.flush());
    });
  }

  /** Sends what waits for the end of the turn. */
  flush(): void {
    const entries = this.#entries;
    this.#entries = [];
    const { batch, byTag } = this.#options;
    if (batch)
      for (const { members, areTakes } of groupsOf(entries, byTag))
        this.#send(members, areTakes);
    else
      for (let first = 0; first < entries.length; first += mostTogether)
        this.#sendEach(entries.slice(first, first + mostTogether));
  }

  #sendEach(entries: readonly Entry[]): void {
    this.#calls.together(() => {
      for (const entry of entries)
        this.#send([entry], isPlainTake(entry.operation));
    });
  }

  #send(entries: readonly Entry[], areTakes: boolean): void {
    const fail = (error: unknown): void => {
      for (const { reject } of entries) reject(error);
    };
    try {
      const operations = entries.map(({ operation }) => operation);
      const { keys, rest, read } = callOf(operations, areTakes);
      this.#calls.run(decideScript, keys, rest).then((reply) => {
        try {
          const outcomes = read(reply, operations);
          for (let index = 0; index < entries.length; index++)
            entries[index]?.resolve(outcomes[index] as Outcome);
        } catch (error) {
          fail(error);
        }
      }, fail);
    } catch (error) {
      fail(error);
    }
  }
}
