import { DpError, systemClock } from "@dp/core";
import type { Queryable } from "./queryable.ts";

/** A value of a statement: text is what every client passes on as it is. */
export type Value = string | null;

/** What PostgreSQL says of a transaction that it has undone because of others: serialization failure, deadlock. */
const undone: readonly unknown[] = ["40001", "40P01"];

/** Undefined function, table, schema: nobody has called `migrate`. */
const missing: readonly unknown[] = ["42883", "42P01", "3F000"];

const mostTries = 10;

/**
 * Statements that are answered in time or not at all. None is sent twice, but those that PostgreSQL says it has undone:
 * what got lost may have been carried out.
 */
export class Statements {
  readonly #queryable: Queryable;
  readonly #timeoutMs: number;

  constructor(queryable: Queryable, timeoutMs: number) {
    this.#queryable = queryable;
    this.#timeoutMs = timeoutMs;
  }

  /** The first column of the first row, as text. Rejects if it does not come in time; then the outcome is unknown. */
  run(text: string, values: readonly Value[]): Promise<string> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      // A wait for the network takes real time, whatever clock the limits go by.
      const cancel = systemClock.schedule(this.#timeoutMs, () => {
        isLate = true;
        const reason = `PostgreSQL did not answer within ${this.#timeoutMs} ms`;
        reject(failure(reason));
      });
      this.#try(text, values, () => isLate)
        .finally(cancel)
        .then(resolve, reject);
    });
  }

  /** As `run`, however long it takes. */
  async runAtLeisure(text: string): Promise<string> {
    return await this.#try(text, [], () => false);
  }

  async #try(
    text: string,
    values: readonly Value[],
    isLate: () => boolean,
  ): Promise<string> {
    for (let left = mostTries - 1; ; left--)
      try {
        const { rows } = await this.#queryable.query(text, [...values]);
        const [row = {}] = rows;
        return String(Object.values(row as object)[0]);
      } catch (error) {
        const code = (error as { readonly code?: unknown } | null)?.code;
        if (missing.includes(code))
          throw failure("the store is not in the database: migrate()", error);
        if (left === 0 || isLate() || !undone.includes(code)) throw error;
      }
  }
}

const failure = (reason: string, cause?: unknown): DpError =>
  new DpError("DP_RATELIMIT_POSTGRES", reason, { cause, retryable: true });
