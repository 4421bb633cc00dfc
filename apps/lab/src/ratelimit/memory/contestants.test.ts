import { describe, expect, it } from "vitest";
import { checkExactness } from "./speed.ts";
import { contestants } from "./contestants.ts";

describe("a contestant in memory", () => {
  it.each(contestants)(
    "that is $name allows exactly the limit for every key",
    async (contestant) => {
      await checkExactness(contestant);
    },
  );

  it("fails the check when it allows one too many", async () => {
    const generous = {
      name: "generous",
      about: "",
      create: (perHour: number) =>
        contestants[0]?.create(perHour + 1) ?? (() => false),
    };
    await expect(checkExactness(generous)).rejects.toThrow(
      "generous: 200 wrong answers",
    );
  });
});
