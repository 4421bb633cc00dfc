import type { Opening } from "./report.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A circuit that flaps through a long log opens more often than anybody reads. */
const mostListed = 1_000;

/** The times a circuit opened: all are counted, the first 1000 are kept. */
export class Openings {
  readonly #listed: Mutable<Opening>[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get listed(): readonly Opening[] {
    return this.#listed;
  }

  begin(openedAtMs: number, why: string): void {
    if (this.#count++ >= mostListed) return;
    this.#listed.push({
      openedAtMs,
      why,
      closedAtMs: undefined,
      reopened: 0,
      refusedRightly: 0,
      refusedWrongly: 0,
    });
  }

  /** The last one has ended. */
  end(closedAtMs: number): void {
    const last = this.#last;
    if (last !== undefined) last.closedAtMs = closedAtMs;
  }

  reopen(): void {
    const last = this.#last;
    if (last !== undefined) last.reopened++;
  }

  refuse(rightly: boolean): void {
    const last = this.#last;
    if (last === undefined) return;
    if (rightly) last.refusedRightly++;
    else last.refusedWrongly++;
  }

  /** The last one, if it is listed. */
  get #last(): Mutable<Opening> | undefined {
    return this.#count > mostListed ? undefined : this.#listed.at(-1);
  }
}
