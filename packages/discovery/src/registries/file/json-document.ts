import { DocumentFault, lineAt, type Document, type Path } from "./document.ts";

/** Space and one token of JSON (RFC 8259). */
const token =
  /[ \t\n\r]*([{}[\],:]|"(?:[^"\\\u0000-\u001f]+|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;

interface Place {
  readonly key: number;
  readonly value: number;
}

const placeName = (path: Path): string => JSON.stringify(path);

/** Walks a text from its start, noting where each value stands, up to its end or the first thing that does not belong. */
class Scan {
  readonly places = new Map<string, Place>();
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
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
    this.places.set(placeName(path), { key, value: this.#at - first.length });
    if (first === "{") this.#members(path);
    else if (first === "[") this.#items(path);
    else if (first.length === 1 && ":,]}".includes(first))
      this.#unexpected(first);
  }

  #members(path: Path): void {
    let next = this.#next();
    if (next === "}") return;
    for (; ; next = this.#next()) {
      if (!next.startsWith('"')) this.#unexpected(next);
      const key = this.#at - next.length;
      const below = [...path, JSON.parse(next) as string];
      if (this.places.has(placeName(below)))
        throw this.#fault(`has the key ${next} twice`, key);
      this.#expect(":");
      this.#value(below, key, this.#next());
      if (this.#expect(",}") === "}") return;
    }
  }

  #items(path: Path): void {
    let next = this.#next();
    if (next === "]") return;
    for (let index = 0; ; index++, next = this.#next()) {
      this.#value([...path, index], this.#at - next.length, next);
      if (this.#expect(",]") === "]") return;
    }
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
  const { places } = new Scan(text);
  return {
    value: JSON.parse(text) as unknown,
    lineOf: (path, key) => {
      for (let length = path.length; length >= 0; length--) {
        const place = places.get(placeName(path.slice(0, length)));
        if (place !== undefined)
          return lineAt(text, key ? place.key : place.value);
      }
      return 1;
    },
  };
};
