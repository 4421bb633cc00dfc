import type { Candidate } from "./balancer.ts";

/** What a balancer knows of one candidate. What a pick reads comes first, to be near together in memory. */
export class Seat {
  /** Picks that are not settled yet. */
  inFlight = 0;
  /** The candidate's, as of the last update: comparisons read it often. */
  weight: number;
  candidate: Candidate;
  seated = true;
  /** The roster it is in. */
  roster: unknown = undefined;

  constructor(candidate: Candidate) {
    this.weight = candidate.weight;
    this.candidate = candidate;
  }
}

/**
 * The candidates of the last update, each with what is known by id. An id that leaves with picks in flight is kept
 * until they are settled, so that its count is right should it come back meanwhile.
 */
export class Roster<S extends Seat> {
  /** In the order of the last update. */
  readonly seats: S[] = [];
  readonly #byId = new Map<string, S>();
  readonly #seat: new (candidate: Candidate) => S;

  constructor(seat: new (candidate: Candidate) => S) {
    this.#seat = seat;
  }

  update(candidates: readonly Candidate[]): void {
    for (const seat of this.seats) seat.seated = false;
    const before = this.seats.splice(0);
    for (const [index, candidate] of candidates.entries()) {
      let seat = before[index];
      // Mostly the same ids come in the same order, with another weight: most often nothing need be looked up.
      if (seat?.candidate.id !== candidate.id)
        seat = this.#byId.get(candidate.id);
      if (seat === undefined) {
        seat = new this.#seat(candidate);
        seat.roster = this;
        this.#byId.set(candidate.id, seat);
      }
      seat.candidate = candidate;
      seat.weight = candidate.weight;
      seat.seated = true;
      if ("seat" in candidate) candidate.seat = seat;
      this.seats.push(seat);
    }
    for (const seat of before) this.#forgetIfGone(seat);
  }

  find(id: string): S | undefined {
    return this.#byId.get(id);
  }

  /** Takes one off the count. Undefined for an id nothing is known of. */
  settle(candidate: Candidate): S | undefined {
    const held = candidate.seat as S | undefined;
    // Looking up an id among thousands takes longer than all else.
    const seat =
      held?.roster === this && held.seated
        ? held
        : this.#byId.get(candidate.id);
    if (seat === undefined) return undefined;
    if (seat.inFlight > 0) seat.inFlight--;
    if (!seat.seated) this.#forgetIfGone(seat);
    return seat;
  }

  #forgetIfGone(seat: S): void {
    if (!seat.seated && seat.inFlight === 0)
      this.#byId.delete(seat.candidate.id);
  }
}
