/** How many of the oldest are looked at for an expendable one, so that a full map costs the same however large. */
const looked = 16;

/**
 * A map of at most `max` values. One more displaces the one unused for longest, an expendable one if there is any among
 * the sixteen oldest. All operations are O(1).
 */
export class LeastRecentlyUsed<V> {
  readonly #max: number;
  readonly #isExpendable: (value: V) => boolean;
  /** In order of use: a Map iterates in the order of insertion, and use inserts anew. */
  readonly #map = new Map<string, V>();

  constructor(max: number, isExpendable: (value: V) => boolean) {
    this.#max = max;
    this.#isExpendable = isExpendable;
  }

  get size(): number {
    return this.#map.size;
  }

  /** The value of the key, which is then the one used last. */
  use(key: string): V | undefined {
    const found = this.#map.get(key);
    if (found !== undefined) {
      this.#map.delete(key);
      this.#map.set(key, found);
    }
    return found;
  }

  /** Adds a value for a key that has none. Returns the one it displaces, if any. */
  add(key: string, value: V): V | undefined {
    const displaced =
      this.#map.size >= this.#max ? this.#displace() : undefined;
    this.#map.set(key, value);
    return displaced;
  }

  /** Returns what was deleted, if anything. */
  delete(key: string): V | undefined {
    const found = this.#map.get(key);
    this.#map.delete(key);
    return found;
  }

  /** The one unused for longest first. */
  values(): MapIterator<V> {
    return this.#map.values();
  }

  /** The one unused for longest first. */
  entries(): MapIterator<[string, V]> {
    return this.#map.entries();
  }

  #displace(): V | undefined {
    let oldest: string | undefined;
    let seen = 0;
    for (const [key, value] of this.#map) {
      oldest ??= key;
      if (this.#isExpendable(value)) return this.delete(key);
      if (++seen === looked) break;
    }
    return this.delete(oldest as string);
  }
}
