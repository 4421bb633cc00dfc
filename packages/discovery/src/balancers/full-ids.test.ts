import { describe, expect, it } from "vitest";
import { candidatesOf } from "../testing/balancer-case.ts";
import { FullIds } from "./full-ids.ts";
import { Roster, Seat } from "./roster.ts";

const open = () => {
  const roster = new Roster(Seat);
  roster.update(candidatesOf(["a", "b", "c"]));
  return { roster, full: new FullIds(roster, ({ inFlight }) => inFlight >= 2) };
};

describe("the set of full ids", () => {
  it("has who is full now and who is excluded, however it is looked at", () => {
    const { roster, full } = open();
    const set = full.with(new Set(["x", "b"]));
    expect([...set]).toEqual(["x", "b"]);
    roster.seats[0]!.inFlight = 2;
    roster.seats[1]!.inFlight = 5;
    expect(["a", "b", "c", "x", "y"].filter((id) => set.has(id))).toEqual([
      "a",
      "b",
      "x",
    ]);
    expect(set.size).toBe(3);
    expect([...set.values()].sort()).toEqual(["a", "b", "x"]);
    expect([...set.keys()].sort()).toEqual(["a", "b", "x"]);
    expect([...set.entries()].sort()).toEqual([
      ["a", "a"],
      ["b", "b"],
      ["x", "x"],
    ]);
    const visited: string[] = [];
    set.forEach((id, same, all) => {
      expect(same).toBe(id);
      expect(all).toBe(set);
      visited.push(id);
    });
    expect(visited.sort()).toEqual(["a", "b", "x"]);
  });

  it("has nobody who left", () => {
    const { roster, full } = open();
    roster.seats[0]!.inFlight = 2;
    roster.update(candidatesOf(["b"]));
    const set = full.with(undefined);
    expect(set.has("a")).toBe(false);
    expect(set.size).toBe(0);
  });
});
