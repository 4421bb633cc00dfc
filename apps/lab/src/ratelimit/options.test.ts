import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.ts";

describe("the options of the ratelimit benchmark", () => {
  it("ask for fifteen rounds, and for a million keys held, by default", () => {
    const { rounds, keyCounts } = parseOptions([]);
    expect(rounds).toBe(15);
    expect(keyCounts).toContain(1_000_000);
  });

  it("shorten a quick run, and let a number of rounds win", () => {
    expect(parseOptions(["--quick"]).rounds).toBe(3);
    expect(parseOptions(["--quick", "--rounds=5"])).toEqual({
      ...parseOptions(["--quick"]),
      rounds: 5,
    });
  });

  it("refuse what is no number of rounds, and what nobody knows", () => {
    expect(() => parseOptions(["--rounds=many"])).toThrow("--rounds");
    expect(() => parseOptions(["--rounds=0"])).toThrow("--rounds");
    expect(() => parseOptions(["--fast"])).toThrow("--fast");
  });
});
