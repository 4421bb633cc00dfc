/** A call under way. Its fields belong to {@link Flights}. */
export interface Flight {
  readonly beganMs: number;
  isOverdue: boolean;
  previous: Flight | undefined;
  next: Flight | undefined;
}

/**
 * The calls under way, and how many of them have taken `overMs` or longer. A list in the order in which they began,
 * because in that order they become overdue: everything is O(1), amortised over the calls.
 */
export class Flights {
  readonly #overMs: number;
  #newest: Flight | undefined;
  /** The oldest that is not overdue yet. */
  #oldestInTime: Flight | undefined;
  #overdue = 0;

  constructor(overMs: number) {
    this.#overMs = overMs;
  }

  /** How many were overdue at the last {@link Flights.markNext}. */
  get overdue(): number {
    return this.#overdue;
  }

  /** When the next one becomes overdue; Infinity: none does. */
  get nextDueMs(): number {
    const oldest = this.#oldestInTime;
    return oldest === undefined ? Infinity : oldest.beganMs + this.#overMs;
  }

  begin(now: number): Flight {
    const previous = this.#newest;
    const flight: Flight = {
      beganMs: now,
      isOverdue: false,
      previous,
      next: undefined,
    };
    if (previous !== undefined) previous.next = flight;
    this.#newest = flight;
    this.#oldestInTime ??= flight;
    return flight;
  }

  end(flight: Flight): void {
    const { previous, next } = flight;
    if (flight.isOverdue) this.#overdue--;
    if (flight === this.#oldestInTime) this.#oldestInTime = next;
    if (flight === this.#newest) this.#newest = previous;
    if (previous !== undefined) previous.next = next;
    if (next !== undefined) next.previous = previous;
  }

  /** Counts the next one as overdue. */
  markNext(): void {
    const oldest = this.#oldestInTime;
    if (oldest === undefined) return;
    oldest.isOverdue = true;
    this.#overdue++;
    this.#oldestInTime = oldest.next;
  }

  clear(): void {
    this.#newest = undefined;
    this.#oldestInTime = undefined;
    this.#overdue = 0;
  }
}
