import type { Random } from "@dp/core";
import type { Roster, Seat } from "./roster.ts";

/** Pairs drawn before the rest is looked through: with few of many excluded, one of them nearly always does. */
const maxDraws = 4;

/**
 * The cheaper of two distinct seats drawn by chance, every pair with equal chance and ties by chance.
 *
 * O(1); with most seats excluded O(n). Two distinct ones, since with replacement the dearer of two would still get a
 * quarter.
 */
export class TwoChoices<S extends Seat> {
  readonly #roster: Roster<S>;
  readonly #random: Random;
  readonly #cost: (seat: S) => number;
  readonly #allowed: S[] = [];

  constructor(roster: Roster<S>, random: Random, cost: (seat: S) => number) {
    this.#roster = roster;
    this.#random = random;
    this.#cost = cost;
  }

  choose(exclude: ReadonlySet<string> | undefined): S | undefined {
    const { seats } = this.#roster;
    if (exclude === undefined) return this.#draw(seats, undefined);
    for (let drawn = 0; drawn < maxDraws && seats.length > 1; drawn++) {
      const seat = this.#draw(seats, exclude);
      if (seat !== undefined) return seat;
    }
    for (const seat of seats)
      if (!exclude.has(seat.candidate.id)) this.#allowed.push(seat);
    const seat = this.#draw(this.#allowed, undefined);
    this.#allowed.length = 0;
    return seat;
  }

  /** Undefined if one of the pair is excluded, whichever is cheaper: so all pairs that are left stay equally likely. */
  #draw(
    seats: readonly S[],
    exclude: ReadonlySet<string> | undefined,
  ): S | undefined {
    const count = seats.length;
    if (count < 2) return seats[0];
    const first = Math.floor(this.#random() * count);
    let second = Math.floor(this.#random() * (count - 1));
    if (second >= first) second++;
    const a = seats[first] as S;
    const b = seats[second] as S;
    if (
      exclude !== undefined &&
      (exclude.has(a.candidate.id) || exclude.has(b.candidate.id))
    )
      return undefined;
    // Which of the two is drawn first is chance already, so the first may win every tie.
    return this.#cost(b) < this.#cost(a) ? b : a;
  }
}
