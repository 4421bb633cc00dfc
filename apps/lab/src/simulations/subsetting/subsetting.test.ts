import { beforeAll, describe, expect, it } from "vitest";
import { meanOf } from "../distributions.ts";
import { size, subsetting, type SubsettingFigures } from "./subsetting.ts";

const drawn: SubsettingFigures[] = [];
beforeAll(async () => {
  for (const seed of [1, 2, 3])
    drawn.push(await subsetting("subset", 100, 100, seed));
});

describe("a hundred clients that use five of a hundred instances each", () => {
  it("use some twice as much as others, when each draws its own: as unevenly as chance has it", () => {
    for (const { users } of drawn) {
      expect(meanOf(users)).toBe(size);
      expect(Math.max(...users)).toBeGreaterThanOrEqual(9);
      expect(Math.max(...users)).toBeLessThanOrEqual(14);
      expect(Math.min(...users)).toBeLessThanOrEqual(1);
    }
    const squares = drawn.flatMap(({ users }) =>
      users.map((count) => (count - size) ** 2),
    );
    // Binomial: 100 clients, one chance in twenty.
    const expected = 100 * 0.05 * 0.95;
    expect(Math.abs(meanOf(squares) / expected - 1)).toBeLessThan(0.25);
  });

  it("send each its requests in that proportion", () => {
    for (const { users, loads } of drawn)
      for (const [index, load] of loads.entries())
        expect(load).toBeCloseTo((users[index] ?? NaN) / size, 10);
  });

  it("all use exactly as much, when their slices are laid side by side", async () => {
    const { users, loads } = await subsetting("aperture", 100, 100);
    expect(new Set(users)).toEqual(new Set([size]));
    for (const load of loads) expect(load).toBeCloseTo(1, 10);
  });

  it("move one of their own each, and only who used it, when one leaves; slices move for nearly all", async () => {
    for (const { users, opened } of drawn)
      expect(opened).toBeCloseTo((users[50] ?? NaN) / 100, 10);
    const { opened } = await subsetting("aperture", 100, 100);
    expect(opened).toBeGreaterThan(0.5);
  });
});

describe("slices of numbered clients", () => {
  it.each([
    { clients: 70, instances: 30 },
    { clients: 10, instances: 12 },
  ])(
    "load all alike where they end within an instance too: $clients on $instances",
    async ({ clients, instances }) => {
      const { loads } = await subsetting("aperture", clients, instances);
      expect(Math.min(...loads)).toBeGreaterThan(0.97);
      expect(Math.max(...loads)).toBeLessThan(1.03);
    },
  );
});
