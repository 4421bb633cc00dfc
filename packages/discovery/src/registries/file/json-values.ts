import {
  DocumentFault,
  faultAt,
  mostLevels,
  tooManyLevels,
  type Document,
} from "./document.ts";

const isPlain = (value: object): boolean =>
  Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;

/** Goes once through every part of a document's value. */
class Walk {
  readonly #document: Document;
  readonly #path: (string | number)[] = [];
  /** What the present part is in. */
  readonly #around = new Set<object>();
  readonly #passed = new Set<object>();

  constructor(document: Document) {
    this.#document = document;
    this.#value(document.value);
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case "string":
      case "boolean":
        return;
      case "number":
        if (!Number.isFinite(value)) this.#refuse("must be a finite number");
        return;
      case "object":
        if (value !== null) this.#parts(value);
        return;
      default:
        this.#refuse("must be something JSON can carry");
    }
  }

  #parts(value: object): void {
    if (this.#around.has(value))
      this.#refuse("must not be an alias of what it is a part of");
    if (this.#passed.has(value)) return;
    this.#passed.add(value);
    if (!isPlain(value)) this.#refuse("must be something JSON can carry");
    if (this.#around.size === mostLevels) {
      const line = this.#document.lineOf(this.#path, false);
      throw new DocumentFault(tooManyLevels, line);
    }
    this.#around.add(value);
    const parts = Array.isArray(value)
      ? value.entries()
      : Object.entries(value);
    for (const [step, part] of parts) {
      this.#path.push(step);
      this.#value(part);
      this.#path.pop();
    }
    this.#around.delete(value);
  }

  #refuse(reason: string): never {
    throw faultAt(this.#document, this.#path, reason);
  }
}

/**
 * For formats that can say more than JSON. Throws `DocumentFault`, with place and line, for a value that is in itself, is
 * no finite number or is nothing JSON has, and for more than 200 levels.
 */
export const requireJsonValues = (document: Document): void => {
  new Walk(document);
};
