/** A member of a list of RFC 9651, as far as the RateLimit fields need it. */
export interface ListItem {
  /** The text of a String; undefined for an item of another type. */
  readonly text: string | undefined;
  /** Parameters whose value is an Integer. Others are checked and left out. */
  readonly integers: ReadonlyMap<string, number>;
}

/** Four times what Node lets a whole head have. */
const longest = 65_536;

/**
 * The members of a List of RFC 9651, or undefined if the text is none. Strict: one wrong character spoils the field, as
 * the RFC asks. Inner lists, which no RateLimit field has, count as wrong, and so does more than 64 KiB. Takes time linear in
 * the length and throws nothing.
 *
 * Source: RFC 9651, 4.2.
 */
export const parseList = (text: string): readonly ListItem[] | undefined =>
  text.length > longest ? undefined : new ListReader(text).list();

class ListReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  list(): readonly ListItem[] | undefined {
    const items: ListItem[] = [];
    this.#take(spaces);
    while (this.#at < this.#text.length) {
      const item = this.#item();
      if (item === undefined) return undefined;
      items.push(item);
      this.#take(blanks);
      if (this.#at === this.#text.length) return items;
      // A comma must be followed by one more member.
      if (this.#take(comma) === undefined || this.#at === this.#text.length)
        return undefined;
    }
    return items;
  }

  #item(): ListItem | undefined {
    const value = this.#bare();
    if (value === undefined) return undefined;
    const integers = new Map<string, number>();
    while (this.#take(semicolon) !== undefined) {
      const key = this.#take(parameterKey);
      if (key === undefined) return undefined;
      // A parameter alone is the Boolean true. The last of a name counts.
      integers.delete(key);
      if (this.#take(equals) === undefined) continue;
      const parameter = this.#bare();
      if (parameter === undefined) return undefined;
      if (typeof parameter.value === "number")
        integers.set(key, parameter.value);
    }
    const text = typeof value.value === "string" ? value.value : undefined;
    return { text, integers };
  }

  /** A bare item. Only the values of Strings and Integers are of interest. */
  #bare(): { readonly value: string | number | undefined } | undefined {
    const integer = this.#take(integerItem);
    if (integer !== undefined) return { value: Number(integer) };
    const quoted = this.#take(stringItem);
    if (quoted !== undefined)
      return { value: quoted.slice(1, -1).replace(/\\(.)/g, "$1") };
    for (const other of otherItems)
      if (this.#take(other) !== undefined) return { value: undefined };
    return undefined;
  }

  /** What `pattern` matches here, which is then behind us. */
  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [matched] = pattern.exec(this.#text) ?? [];
    if (matched !== undefined) this.#at = pattern.lastIndex;
    return matched;
  }
}

// Sticky, and each linear: no two ways to match the same characters.
const spaces = / */y;
const blanks = /[ \t]*(?=,|$)/y;
const comma = /,[ \t]*/y;
const semicolon = /; */y;
const equals = /=/y;
const parameterKey = /[a-z*][a-z0-9_.*-]*/y;
const integerItem = /-?\d{1,15}(?![\d.])/y;
const stringItem = /"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"/y;
const otherItems = [
  // Decimal, Token, Byte Sequence, Boolean, Date, Display String.
  /-?\d{1,12}\.\d{1,3}(?!\d)/y,
  /[A-Za-z*][\w!#$%&'*+.^`|~:/-]*/y,
  /:[A-Za-z0-9+/]*={0,2}:/y,
  /\?[01]/y,
  /@-?\d{1,15}(?![\d.])/y,
  /%"(?:[\x20\x21\x23\x24\x26-\x7e]|%[\da-f]{2})*"/y,
];
