import type { Roster, Seat } from "./roster.ts";

/**
 * The ids of the seats at their bound, and those excluded besides, worked out when asked: a balancer that walks past a
 * few of many asks for those few only. A set like any other to who reads it; holds during one pick.
 */
export class FullIds implements ReadonlySet<string> {
  readonly #roster: Roster<Seat>;
  readonly #isFull: (seat: Seat) => boolean;
  #excluded: ReadonlySet<string> | undefined;

  constructor(roster: Roster<Seat>, isFull: (seat: Seat) => boolean) {
    this.#roster = roster;
    this.#isFull = isFull;
  }

  /** This set, with others excluded from now on. */
  with(excluded: ReadonlySet<string> | undefined): this {
    this.#excluded = excluded;
    return this;
  }

  has(id: string): boolean {
    const seat = this.#roster.find(id);
    return (
      (seat?.seated === true && this.#isFull(seat)) ||
      this.#excluded?.has(id) === true
    );
  }

  get size(): number {
    return this.#all().size;
  }

  forEach(
    visit: (id: string, same: string, set: ReadonlySet<string>) => void,
  ): void {
    for (const id of this) visit(id, id, this);
  }

  entries(): SetIterator<[string, string]> {
    return this.#all().entries();
  }

  keys(): SetIterator<string> {
    return this.#all().keys();
  }

  values(): SetIterator<string> {
    return this.#all().values();
  }

  [Symbol.iterator](): SetIterator<string> {
    return this.values();
  }

  #all(): Set<string> {
    const all = new Set(this.#excluded);
    for (const seat of this.#roster.seats)
      if (this.#isFull(seat)) all.add(seat.candidate.id);
    return all;
  }
}
