/** Looks close together that show that the time is asked for often. */
const oftenLooks = 8;
const oftenWithinMs = 1;
/** Answers from one look at the clock. */
const answersPerLook = 16;

/**
 * Spares those who ask for the time very often most looks at the clock, which cost more than what they do with the
 * answer. Once it is asked for often, an answer may be as old as fifteen others, but never older than one round of the
 * event loop: one callback a round, however often it is asked, pays for that.
 */
export class RecentTime {
  readonly #read: () => number;
  readonly #afterTurn: (callback: () => void) => void;
  #ms = 0;
  /** Answers that may still be given without a look. */
  #answers = 0;
  #looks = 0;
  #firstLookMs = -Infinity;
  /** Whether {@link RecentTime.#end} will be called. */
  #ends = false;

  /** `read` gives milliseconds that never go back; `afterTurn` calls back once, within a round of the event loop. */
  constructor(read: () => number, afterTurn: (callback: () => void) => void) {
    this.#read = read;
    this.#afterTurn = afterTurn;
  }

  /** The time. */
  now(): number {
    this.#ms = this.#read();
    return this.#ms;
  }

  /** The time, or what it was a moment ago. It never goes back behind what either method has said. */
  recent(): number {
    if (this.#answers === 0) return this.#look();
    this.#answers--;
    return this.#ms;
  }

  #look(): number {
    const now = this.now();
    if (this.#ends) this.#answers = answersPerLook - 1;
    else if (now - this.#firstLookMs > oftenWithinMs) {
      this.#firstLookMs = now;
      this.#looks = 1;
    } else if (++this.#looks === oftenLooks) {
      this.#ends = true;
      this.#answers = answersPerLook - 1;
      this.#afterTurn(this.#end);
    }
    return now;
  }

  readonly #end = (): void => {
    this.#ends = false;
    this.#answers = 0;
    this.#firstLookMs = -Infinity;
  };
}
