import { describe, expect, it } from "vitest";
import { candidatesOf } from "../testing/balancer-case.ts";
import { Roster, type Seat } from "./roster.ts";

/** A roster that writes down for whom it makes a seat: who is not made anew was not forgotten. */
const open = () => {
  const made: string[] = [];
  const roster = new Roster<Seat>((candidate) => {
    made.push(candidate.id);
    return { candidate, weight: candidate.weight, inFlight: 0, seated: true };
  });
  return { roster, made };
};

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
    roster.settle("a");
    roster.update(candidatesOf(["a"]));
    expect(roster.seats[0]?.inFlight).toBe(1);
    roster.update([]);
    roster.settle("a");
    expect(roster.settle("a")).toBeUndefined();
    roster.update(candidatesOf(["a"]));
    expect(made).toEqual(["a", "a"]);
  });

  it("never counts below nothing", () => {
    const { roster } = open();
    roster.update(candidatesOf(["a"]));
    roster.settle("a");
    expect(roster.seats[0]?.inFlight).toBe(0);
  });
});
