import {
  DocumentFault,
  lineAt,
  mostLevels,
  tooManyLevels,
  type Document,
  type Path,
} from "./document.ts";

/** Space and one token of JSON (RFC 8259); of a string with escapes what comes before the first of them, with its backslash. */
const token =
  /[ \t\n\r]*([{}[\],:]|"[^"\\\u0000-\u001f]*["\\]|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;
/** The rest of an escape, and the string up to its end or the next backslash. One pattern for all would go back and forth. */
const afterBackslash =
  /(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\u0000-\u001f]*["\\]/y;

interface Place {
  readonly key: number;
  readonly value: number;
}

/**
 * Walks a text from its start up to its end or the first thing that does not belong, and notes on the way where the last
 * part of the path stands that there is.
 */
class Scan {
  readonly #text: string;
  readonly #path: Path;
  #at = 0;
  place: Place = { key: 0, value: 0 };

  constructor(text: string, path: Path = []) {
    this.#text = text;
    this.#path = path;
    this.#value(0, 0, 0, this.#next());
    if (/[^ \t\n\r]/.test(text.slice(this.#at)))
      throw this.#fault("is not valid JSON", this.#at);
  }

  #next(): string {
    token.lastIndex = this.#at;
    const found = token.exec(this.#text)?.[1];
    if (found === undefined) throw this.#fault("is not valid JSON", this.#at);
    const start = token.lastIndex - found.length;
    this.#at = token.lastIndex;
    if (!found.endsWith("\\")) return found;
    do {
      afterBackslash.lastIndex = this.#at;
      if (!afterBackslash.test(this.#text))
        throw this.#fault("is not valid JSON", start);
      this.#at = afterBackslash.lastIndex;
    } while (this.#text[this.#at - 1] === "\\");
    return this.#text.slice(start, this.#at);
  }

  /** `onPath`: how many steps of the path lead here; -1 off it. */
  #value(level: number, onPath: number, key: number, first: string): void {
    const value = this.#at - first.length;
    if (onPath >= 0) this.place = { key, value };
    if (first === "{" || first === "[") {
      if (level === mostLevels) throw this.#fault(tooManyLevels, value);
      if (first === "{") this.#members(level + 1, onPath);
      else this.#items(level + 1, onPath);
    } else if (first.length === 1 && ":,]}".includes(first))
      this.#unexpected(first);
  }

  #members(level: number, onPath: number): void {
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
      this.#value(level, this.#step(onPath, name), key, this.#next());
      if (this.#expect(",}") === "}") return;
    }
  }

  #items(level: number, onPath: number): void {
    let next = this.#next();
    if (next === "]") return;
    for (let index = 0; ; index++, next = this.#next()) {
      const key = this.#at - next.length;
      this.#value(level, this.#step(onPath, index), key, next);
      if (this.#expect(",]") === "]") return;
    }
  }

  #step(onPath: number, step: string | number): number {
    return onPath >= 0 && this.#path[onPath] === step ? onPath + 1 : -1;
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

/**
 * Takes a JSON text apart. Throws `DocumentFault`, with the line, for what is none, gives a key twice or has more than
 * 200 levels.
 */
export const readJson = (text: string): Document => {
  new Scan(text);
  return {
    value: JSON.parse(text) as unknown,
    lineOf: (path, key) => {
      const { place } = new Scan(text, path);
      return lineAt(text, key ? place.key : place.value);
    },
  };
};
