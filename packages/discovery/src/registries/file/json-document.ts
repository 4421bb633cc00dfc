import { DocumentFault, lineAt, type Document, type Path } from "./document.ts";

/** Space and one token of JSON (RFC 8259). */
const token =
  /[ \t\n\r]*([{}[\],:]|"(?:[^"\\\u0000-\u001f]+|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;

interface Place {
  readonly key: number;
  readonly value: number;
}

const placeName = (path: Path): string => JSON.stringify(path);

/**
 * Walks a text from its start up to its end or the first thing that does not belong. With `places` it notes there where
 * each value stands, which takes several times as long.
 */
class Scan {
  readonly #text: string;
  readonly #places: Map<string, Place> | undefined;
  #at = 0;

  constructor(text: string, places?: Map<string, Place>) {
    this.#text = text;
    this.#places = places;
    this.#value([], 0, this.#next());
    if (/[^ \t\n\r]/.test(text.slice(this.#at)))
      throw this.#fault("is not valid JSON", this.#at);
  }

  #next(): string {
    token.lastIndex = this.#at;
    const found = token.exec(this.#text)?.[1];
    if (found === undefined) throw this.#fault("is not valid JSON", this.#at);
    this.#at = token.lastIndex;
    return found;
  }

  #value(path: Path, key: number, first: string): void {
    this.#places?.set(placeName(path), { key, value: this.#at - first.length });
    if (first === "{") this.#members(path);
    else if (first === "[") this.#items(path);
    else if (first.length === 1 && ":,]}".includes(first))
      this.#unexpected(first);
  }

  #members(path: Path): void {
    let next = this.#next();
    if (next === "}") return;
    const names = new Set<string>();
    for (; ; next = this.#next()) {
      if (!next.startsWith('"')) this.#unexpected(next);
      const key = this.#at - next.length;
      const name = JSON.parse(next) as string;
      if (names.has(name)) throw this.#fault(`has the key ${next} twice`, key);
      names.add(name);
      this.#expect(":");
      this.#value(this.#below(path, name), key, this.#next());
      if (this.#expect(",}") === "}") return;
    }
  }

  #items(path: Path): void {
    let next = this.#next();
    if (next === "]") return;
    for (let index = 0; ; index++, next = this.#next()) {
      this.#value(this.#below(path, index), this.#at - next.length, next);
      if (this.#expect(",]") === "]") return;
    }
  }

  #below(path: Path, step: string | number): Path {
    return this.#places === undefined ? path : [...path, step];
  }

  #expect(allowed: string): string {
    const next = this.#next();
    if (!allowed.includes(next)) this.#unexpected(next);
    return next;
  }

  #unexpected(found: string): never {
    throw this.#fault("is not valid JSON", this.#at - found.length);
  }

  #fault(reason: string, offset: number): DocumentFault {
    const rest = this.#text.slice(offset).trimStart();
    const what =
      rest === "" ? "it ends too early" : JSON.stringify(rest.slice(0, 20));
    return new DocumentFault(
      reason.endsWith("JSON") ? `${reason}: ${what}` : reason,
      lineAt(this.#text, this.#text.length - rest.length),
    );
  }
}

/** Takes a JSON text apart. Throws `DocumentFault`, with the line, for what is none or gives a key twice. */
export const readJson = (text: string): Document => {
  new Scan(text);
  let places: Map<string, Place> | undefined;
  return {
    value: JSON.parse(text) as unknown,
    lineOf: (path, key) => {
      if (places === undefined) new Scan(text, (places = new Map()));
      for (let length = path.length; length >= 0; length--) {
        const place = places.get(placeName(path.slice(0, length)));
        if (place !== undefined)
          return lineAt(text, key ? place.key : place.value);
      }
      return 1;
    },
  };
};
