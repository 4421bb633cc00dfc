import { atEndOfTurn } from "./end-of-turn.ts";
import { planOf, type Operation } from "./operation.ts";
import type { RedisCalls } from "./redis-calls.ts";
import { decideScript } from "./scripts.ts";

/** A script holds up everybody else for as long as it runs: some 2 ms for so many of one policy. */
const mostOperations = 200;
/** Numbers of state that one call may read and write: logs of many units have as many. */
const mostNumbers = 20_000;

interface Entry {
  readonly operation: Operation;
  readonly resolve: (reply: string) => void;
  readonly reject: (error: unknown) => void;
}

/** How operations get together, and keep their order. */
export interface QueueOptions {
  /** Whether what is asked for in one turn of the event loop goes out in one call. */
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

  /** The script's reply. Rejects as `RedisCalls.run` does, for all operations of one call alike. */
  add(operation: Operation): Promise<string> {
    return new Promise((resolve, reject) => {
      const entry = { operation, resolve, reject };
      if (!this.#options.batch) void this.#send([entry]);
      else if (this.#entries.push(entry) === 1) atEndOfTurn(() => this.flush());
    });
  }

  /** Sends what waits for the end of the turn. */
  flush(): void {
    const entries = this.#entries;
    this.#entries = [];
    for (const group of this.#options.byTag ? groupsOf(entries) : [entries])
      for (const call of callsOf(group)) void this.#send(call);
  }

  async #send(entries: readonly Entry[]): Promise<void> {
    const operations = entries.map(({ operation }) => operation);
    try {
      const { keys, plan } = planOf(operations);
      const replies = await this.#calls.run(decideScript, keys, [plan]);
      // A client may be told to give bytes in place of text.
      for (const [index, { resolve }] of entries.entries())
        resolve(String((replies as readonly unknown[])[index]));
    } catch (error) {
      for (const { reject } of entries) reject(error);
    }
  }
}

const groupsOf = (entries: readonly Entry[]): Iterable<readonly Entry[]> => {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const { tag } = entry.operation;
    const group = groups.get(tag);
    if (group === undefined) groups.set(tag, [entry]);
    else group.push(entry);
  }
  return groups.values();
};

/** Cuts a group into calls that are short enough. */
function* callsOf(group: readonly Entry[]): Iterable<readonly Entry[]> {
  let first = 0;
  let numbers = 0;
  for (const [index, { operation }] of group.entries()) {
    let more = 0;
    for (const { policy } of operation.parts) more += policy.width;
    const isFull = index - first >= mostOperations;
    if (index > first && (isFull || numbers + more > mostNumbers)) {
      yield group.slice(first, index);
      first = index;
      numbers = 0;
    }
    numbers += more;
  }
  yield group.slice(first);
}
