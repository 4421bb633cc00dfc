/** Gives back what was put into it, the first by `before` first. Putting and taking are O(log n). */
export class Heap<T> {
  readonly #before: (a: T, b: T) => boolean;
  readonly #items: T[] = [];

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  /** What {@link Heap.take} would give. */
  get first(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    const items = this.#items;
    let place = items.length;
    while (place > 0) {
      const parentPlace = (place - 1) >> 1;
      const parent = items[parentPlace] as T;
      if (!this.#before(item, parent)) break;
      items[place] = parent;
      place = parentPlace;
    }
    items[place] = item;
  }

  take(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (items.length > 0) this.#sink(last as T);
    return first;
  }

  /** Finds the place for `item`, from the top down. */
  #sink(item: T): void {
    const items = this.#items;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= items.length) break;
      const right = child + 1;
      if (
        right < items.length &&
        this.#before(items[right] as T, items[child] as T)
      )
        child = right;
      if (!this.#before(items[child] as T, item)) break;
      items[place] = items[child] as T;
      place = child;
    }
    items[place] = item;
  }
}
