/** What can stand in a {@link WaitQueue}. The links belong to the queue. */
export interface Waiting {
  before: Waiting | undefined;
  after: Waiting | undefined;
}

/** A queue from which whoever stands anywhere in it can leave: every operation is O(1). */
export class WaitQueue<T extends Waiting> {
  #first: Waiting | undefined;
  #last: Waiting | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The one that came first of those that are left. */
  get first(): T | undefined {
    return this.#first as T | undefined;
  }

  /** The one that came last. */
  get last(): T | undefined {
    return this.#last as T | undefined;
  }

  add(one: T): void {
    one.before = this.#last;
    if (this.#last === undefined) this.#first = one;
    else this.#last.after = one;
    this.#last = one;
    this.#size++;
  }

  /** Takes out one that stands in it. */
  remove(one: T): void {
    const { before, after } = one;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    one.before = undefined;
    one.after = undefined;
    this.#size--;
  }
}
