import type { Random } from "@dp/core";
import type { Candidate } from "./balancer.ts";
import { Roster, type Seat } from "./roster.ts";

/** Pairs drawn before the rest is looked through: with few of many excluded, one of them nearly always does. */
const maxDraws = 4;

/**
 * What balancers have in common that give a request to the cheaper of two distinct seats drawn by chance, every pair
 * with equal chance and ties by chance.
 *
 * O(1); with most seats excluded O(n). Two distinct ones, since with replacement the dearer of two would still get a
 * quarter. A class to extend and no closures: with several balancer objects, those
 * are many functions to the compiler.
 */
export abstract class TwoChoices<S extends Seat> {
  protected readonly roster: Roster<S>;
  readonly #random: Random;
  readonly #allowed: S[] = [];

  constructor(seat: new (candidate: Candidate) => S, random: Random) {
    this.roster = new Roster(seat);
    this.#random = random;
  }

  protected abstract isCheaper(one: S, other: S): boolean;

  update(candidates: readonly Candidate[]): void {
    this.roster.update(candidates);
  }

  protected choose(exclude: ReadonlySet<string> | undefined): S | undefined {
    const { seats } = this.roster;
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
    // As words, since floating-point numbers take longer to round down.
    const first = (this.#random() * count) | 0;
    let second = (this.#random() * (count - 1)) | 0;
    if (second >= first) second++;
    const a = seats[first] as S;
    const b = seats[second] as S;
    if (
      exclude !== undefined &&
      (exclude.has(a.candidate.id) || exclude.has(b.candidate.id))
    )
      return undefined;
    // Which of the two is drawn first is chance already, so the first may win every tie.
    return this.isCheaper(b, a) ? b : a;
  }
}
