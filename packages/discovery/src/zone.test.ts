import { describe, expect, it } from "vitest";
import { deleteOf, syncOf } from "../test/scripted-registry.ts";
import {
  checkBy,
  counted,
  instancesOf,
  shareOf,
  viewOf,
} from "../test/view-of.ts";
import type { Instance } from "./instance.ts";
import { zoneAware, type ZoneAwareOptions } from "./zone.ts";

const here = instancesOf("here", 4, { zone: "a" });
const there = [
  ...instancesOf("there-b", 4, { zone: "b" }),
  ...instancesOf("there-c", 4, { zone: "c" }),
  ...instancesOf("there-none", 1),
];
const all = [...there, ...here];

const open = (
  sick: readonly string[] = [],
  options: Partial<ZoneAwareOptions> = {},
  instances: readonly Instance[] = all,
) =>
  viewOf(instances, {
    zone: zoneAware({ zone: "a", ...options }),
    health: checkBy(new Set(sick)),
  });

describe("a view with a zone", () => {
  it("picks in its own zone alone while that carries everything", async () => {
    const { view } = await open(["here0"]);
    const counts = counted(view, 300);
    expect([...counts.keys()].sort()).toEqual(["here1", "here2", "here3"]);
    expect(view.explain().text).toBe(
      "web: 3 of 13 instances may be picked; priority 0 own zone: 100 %",
    );
  });

  it("lets go what the healthy of its zone do not carry, to all others alike", async () => {
    const { view } = await open(["here0", "here1"]);
    const counts = counted(view, 10_000);
    expect(Math.abs(shareOf(counts, "here") - 0.7)).toBeLessThan(0.023);
    const others = there.map(({ id }) => counts.get(id) ?? 0);
    expect(Math.min(...others) / Math.max(...others)).toBeGreaterThan(0.7);
  });

  it("has no preference once less than the panic threshold of its zone is healthy", async () => {
    const { view } = await open(["here0", "here1", "here2"]);
    expect(view.snapshot.panic).toBe(false);
    const counts = counted(view, 10_000);
    expect(counts.size).toBe(10);
    expect(Math.abs(shareOf(counts, "here") - 0.1)).toBeLessThan(0.02);
  });

  it("has no preference in a panic", async () => {
    const sick = all.filter(({ zone }) => zone !== "a").map(({ id }) => id);
    const { view } = await open(sick);
    expect(view.snapshot.panic).toBe(true);
    expect(counted(view, 2000).size).toBe(13);
  });

  it("has no preference while its zone has nobody, or fewer than the minimum", async () => {
    const { view } = await open([], {}, there);
    expect(counted(view, 2000).size).toBe(9);
    const few = await open([], { minimum: 5 });
    expect(counted(few.view, 2000).size).toBe(13);
    const enough = await open([], { minimum: 4 });
    expect(counted(enough.view, 2000).size).toBe(4);
  });

  it("prefers those without a health result while nobody has one", async () => {
    const { view } = await viewOf(all, {
      zone: zoneAware({ zone: "a" }),
      health: checkBy(new Set(), new Set(all.map(({ id }) => id))),
    });
    expect([...counted(view, 200).keys()].sort()).toEqual([
      "here0",
      "here1",
      "here2",
      "here3",
    ]);
  });

  it("serves a pick that excludes all of its zone from the others", async () => {
    const { view } = await open();
    const exclude = here.map(({ id }) => id);
    const counts = counted(view, 500, exclude);
    expect(shareOf(counts, "there")).toBe(1);
    expect(counts.size).toBe(9);
  });

  it("prefers within each priority, not over it", async () => {
    const first = instancesOf("first", 3, { zone: "b" });
    const local = instancesOf("local", 3, { zone: "a", priority: 1 });
    const { view, tell } = await open([], {}, [...local, ...first]);
    expect(shareOf(counted(view, 100), "first")).toBe(1);
    const remote = instancesOf("remote", 3, { zone: "b", priority: 1 });
    await tell(syncOf(2, ...first, ...local, ...remote));
    const gone = first.map(({ id }) => id);
    expect(shareOf(counted(view, 100, gone), "local")).toBe(1);
    for (const id of gone) await tell(deleteOf(3, id));
    expect(shareOf(counted(view, 100), "local")).toBe(1);
    expect(shareOf(counted(view, 100, ["local0"]), "local")).toBe(1);
  });

  it("keeps zones of unequal size evenly loaded when clients say what share begins in theirs", async () => {
    // Three zones with an equal part of the clients and 1, 3 and 8 instances, the last of them twice as strong.
    const zones: Record<string, Instance[]> = {
      a: instancesOf("a", 1, { zone: "a" }),
      b: instancesOf("b", 3, { zone: "b" }),
      c: instancesOf("c", 8, { zone: "c", weight: 2 }),
    };
    const instances = Object.values(zones).flat();
    const share = 1 / 3;
    const keptIn = async (zone: string): Promise<number> => {
      const { view } = await open([], { zone, share }, instances);
      return view.explain().tiers[0]?.load ?? 0;
    };
    // Capacities 1, 3, 16 of 20: 5 %, 15 % and 80 %, of which each client is the origin of a third.
    expect(await keptIn("a")).toBeCloseTo(0.15);
    expect(await keptIn("b")).toBeCloseTo(0.45);
    expect(await keptIn("c")).toBe(1);
  });

  it("refuses bad options, naming them", () => {
    const bad: [Partial<ZoneAwareOptions>, string][] = [
      [{ zone: "" }, "zone"],
      [{ minimum: 0 }, "minimum"],
      [{ share: 0 }, "share"],
      [{ share: 1.1 }, "share"],
    ];
    for (const [options, name] of bad)
      expect(() => zoneAware({ zone: "a", ...options })).toThrow(name);
  });
});
