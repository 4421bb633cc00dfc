/**
 * How many checks of one view are under way at a time. Each holds a connection, a file descriptor here and one at the
 * other end; ten thousand instances that are put at once must not need ten thousand of them. While all answer within
 * 20 ms this many still make 12,800 checks a second.
 */
export const checksAtOnce = 256;

/** Lets a bounded number of checks be under way; the others start in the order in which they came. */
export class CheckGate {
  #room = checksAtOnce;
  readonly #waiting = new Set<() => void>();

  /** Calls `start` when there is room, maybe at once; call `leave` when what it started is over. */
  enter(start: () => void): void {
    if (this.#room === 0) this.#waiting.add(start);
    else {
      this.#room--;
      start();
    }
  }

  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#room++;
      return;
    }
    this.#waiting.delete(next);
    next();
  }

  /** Takes one that waits out of the line; false if it does not wait. */
  forget(start: () => void): boolean {
    return this.#waiting.delete(start);
  }

  /** None of those that wait will start. */
  close(): void {
    this.#waiting.clear();
  }
}
