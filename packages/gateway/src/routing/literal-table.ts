/**
 * Finds values by a part of a longer text without cutting the part out: the caller folds the part's characters into a
 * hash while it looks for its end anyway. Open addressing, at most half full. The texts come from a configuration, so
 * nobody can choose them to collide.
 */
export class LiteralTable<V> {
  #texts: (string | undefined)[] = new Array<undefined>(4).fill(undefined);
  #hashes: number[] = new Array<number>(4).fill(0);
  #values: (V | undefined)[] = new Array<undefined>(4).fill(undefined);
  #size = 0;

  /** The text of `whole` from `start` to `end`, whose characters were folded into `hash`. */
  get(whole: string, start: number, end: number, hash: number): V | undefined {
    const mask = this.#texts.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const text = this.#texts[slot];
      if (text === undefined) return undefined;
      if (this.#hashes[slot] === hash && isPart(whole, start, end, text))
        return this.#values[slot];
    }
  }

  /** The value of a text; `create` makes it when there is none. */
  getOrAdd(text: string, create: () => V): V {
    const hash = hashOf(text);
    const known = this.get(text, 0, text.length, hash);
    if (known !== undefined) return known;
    if (this.#size * 2 >= this.#texts.length) this.#grow();
    const value = create();
    this.#put(text, hash, value);
    this.#size++;
    return value;
  }

  #put(text: string, hash: number, value: V | undefined): void {
    const mask = this.#texts.length - 1;
    let slot = hash & mask;
    while (this.#texts[slot] !== undefined) slot = (slot + 1) & mask;
    this.#texts[slot] = text;
    this.#hashes[slot] = hash;
    this.#values[slot] = value;
  }

  #grow(): void {
    const [texts, hashes, values] = [this.#texts, this.#hashes, this.#values];
    const length = texts.length * 2;
    this.#texts = new Array<undefined>(length).fill(undefined);
    this.#hashes = new Array<number>(length).fill(0);
    this.#values = new Array<undefined>(length).fill(undefined);
    for (const [slot, text] of texts.entries())
      if (text !== undefined) this.#put(text, hashes[slot] ?? 0, values[slot]);
  }
}

/** Before the first character. */
export const emptyHash = 0;

/** The hash with one more character. */
export const foldHash = (hash: number, code: number): number =>
  (Math.imul(hash, 31) + code) | 0;

const hashOf = (text: string): number => {
  let hash = emptyHash;
  for (let index = 0; index < text.length; index++)
    hash = foldHash(hash, text.charCodeAt(index));
  return hash;
};

const isPart = (
  whole: string,
  start: number,
  end: number,
  text: string,
): boolean => {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++)
    if (whole.charCodeAt(start + index) !== text.charCodeAt(index))
      return false;
  return true;
};
