import { Heap } from "./heap.ts";
import type { NumberedCall } from "./logged-call.ts";
import { ReplayLogError } from "./replay-log-error.ts";

/** How many calls are held back at most, so that one that was written late finds its place. */
export const heldCalls = 10_000;

const isBefore = (a: NumberedCall, b: NumberedCall): boolean =>
  a.atMs === b.atMs ? a.line < b.line : a.atMs < b.atMs;

/**
 * Puts calls into the order in which they began. Most logs are written when calls end, so they are nearly in order: a
 * call may stand up to {@link heldCalls} lines too late. Calls of one moment keep the order of their lines.
 */
export class CallOrder {
  readonly #held = new Heap<NumberedCall>(isBefore);
  #last: NumberedCall | undefined;

  /** Takes a call, and gives the next one in order once enough are held. */
  add(call: NumberedCall): NumberedCall | undefined {
    const last = this.#last;
    if (last !== undefined && call.atMs < last.atMs)
      throw new ReplayLogError(
        call.line,
        `atMs must be at least ${last.atMs}, which line ${last.line} has, because a call may stand at most ${heldCalls} lines too late, got ${call.atMs}: sort the log by atMs`,
      );
    this.#held.add(call);
    return this.#held.size > heldCalls ? this.next() : undefined;
  }

  /** The next one of those held. */
  next(): NumberedCall | undefined {
    return (this.#last = this.#held.take());
  }
}
