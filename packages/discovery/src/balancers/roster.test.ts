import { describe, expect, it } from "vitest";
import { seededRandom } from "@dp/core";
import { candidatesOf } from "../testing/balancer-case.ts";
import type { Candidate } from "./balancer.ts";
import { Roster, Seat } from "./roster.ts";

/** A roster that writes down for whom it makes a seat: who is not made anew was not forgotten. */
const open = () => {
  const made: string[] = [];
  class Noted extends Seat {
    constructor(candidate: Candidate) {
      super(candidate);
      made.push(candidate.id);
    }
  }
  const roster = new Roster(Noted);
  return { roster, made };
};

const one = (id: string): Candidate => candidatesOf([id])[0]!;

/** As a view makes them. */
const withRoom = (ids: readonly string[]): Candidate[] =>
  candidatesOf(ids).map((candidate) => ({ ...candidate, seat: undefined }));

describe("a roster", () => {
  it("keeps what it knows of ids that stay, with their new weight and object", () => {
    const { roster, made } = open();
    roster.update(candidatesOf(["a", "b"]));
    const [seat] = roster.seats;
    seat!.inFlight = 3;
    const next = candidatesOf(["b", "a"], 5);
    roster.update(next);
    expect(made).toEqual(["a", "b"]);
    expect(roster.seats[1]).toBe(seat);
    expect(seat).toMatchObject({ inFlight: 3, weight: 5, candidate: next[1] });
  });

  it("forgets an id that leaves with nothing in flight", () => {
    const { roster, made } = open();
    roster.update(candidatesOf(["a"]));
    roster.update([]);
    roster.update(candidatesOf(["a"]));
    expect(made).toEqual(["a", "a"]);
  });

  it("forgets an id that left with its last settlement, not before", () => {
    const { roster, made } = open();
    roster.update(candidatesOf(["a"]));
    roster.seats[0]!.inFlight = 2;
    roster.update([]);
    roster.settle(one("a"));
    roster.update(candidatesOf(["a"]));
    expect(roster.seats[0]?.inFlight).toBe(1);
    roster.update([]);
    roster.settle(one("a"));
    expect(roster.settle(one("a"))).toBeUndefined();
    roster.update(candidatesOf(["a"]));
    expect(made).toEqual(["a", "a"]);
  });

  it("never counts below nothing", () => {
    const { roster } = open();
    roster.update(candidatesOf(["a"]));
    roster.settle(one("a"));
    expect(roster.seats[0]?.inFlight).toBe(0);
  });

  it("does not forget who came back for a late word about who left", () => {
    const { roster, made } = open();
    const [before] = withRoom(["a"]);
    roster.update([before!]);
    roster.update([]);
    roster.update(withRoom(["a"]));
    roster.settle(before!);
    roster.update(withRoom(["b", "a"]));
    expect(made).toEqual(["a", "a", "b"]);
  });

  it("counts alike whether or not candidates have room for a seat, even shared room", () => {
    const random = seededRandom(7);
    const draw = (count: number): number => Math.floor(random() * count);
    const rosters = [open().roster, open().roster];
    const plain = open().roster;
    const ids = ["a", "b", "c", "d"];
    const picked: Candidate[] = [];
    for (let step = 0; step < 5_000; step++) {
      if (step % 20 === 0) {
        const present = ids.filter(() => random() < 0.7);
        const candidates = withRoom(present);
        // Whoever comes last takes the room; the other has to do without.
        for (const roster of draw(2) === 0 ? rosters : rosters.toReversed())
          roster.update(candidates);
        plain.update(candidatesOf(present));
      }
      const at = draw(plain.seats.length);
      const seat = rosters[0]!.seats[at];
      if (seat !== undefined && random() < 0.5) {
        for (const roster of [...rosters, plain]) roster.seats[at]!.inFlight++;
        picked.push(seat.candidate);
      } else if (picked.length > 0) {
        const [candidate] = picked.splice(draw(picked.length), 1);
        for (const roster of rosters) roster.settle(candidate!);
        plain.settle(one(candidate!.id));
      }
      const counts = (roster: Roster<Seat>): unknown =>
        roster.seats.map(({ candidate, inFlight }) => [candidate.id, inFlight]);
      for (const roster of rosters)
        expect(counts(roster)).toEqual(counts(plain));
    }
  });
});
