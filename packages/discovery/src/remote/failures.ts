/** What went wrong with a registry: counted, and told to whoever asked to hear of it. */
export class Failures {
  readonly #listener: ((error: Error) => void) | undefined;
  #count = 0;

  constructor(listener: ((error: Error) => void) | undefined) {
    this.#listener = listener;
  }

  get count(): number {
    return this.#count;
  }

  /** Counts and tells. A listener that throws harms nobody. Returns the error. */
  report(reason: unknown): Error {
    const error = reason instanceof Error ? reason : new Error(String(reason));
    this.#count++;
    try {
      this.#listener?.(error);
    } catch {
      // Its own fault; the registry goes on.
    }
    return error;
  }
}
