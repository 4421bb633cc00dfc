import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.ts";

describe("the options of the discovery benchmark", () => {
  it("ask for eleven rounds by default, and for few in a first look", () => {
    expect(parseOptions([]).rounds).toBe(11);
    expect(parseOptions(["--quick"])).toEqual({
      rounds: 3,
      msPerFigure: 8,
      lagSeconds: 4,
    });
  });

  it("refuse what nobody knows", () => {
    expect(() => parseOptions(["--rounds=none"])).toThrow("--rounds");
    expect(() => parseOptions(["--fast"])).toThrow("--fast");
  });
});
