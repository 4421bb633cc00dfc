import { describe, expect, it } from "vitest";
import { contestants } from "./contestants.ts";
import { checkCoverage } from "./coverage.ts";
import { balancers } from "./balancers.ts";
import { throughView } from "./ours.ts";

describe("a contestant of the discovery benchmark", () => {
  it.each(contestants)(
    "that is $name picks every instance",
    async (contestant) => {
      await checkCoverage(contestant, 10);
    },
  );

  it("fails the check when it leaves one out", async () => {
    const partial = {
      name: "partial",
      about: "",
      sizes: [],
      create: () => ({ use: (key: string) => Number(key.slice(4)) % 9 }),
    };
    await expect(checkCoverage(partial, 10)).rejects.toThrow(
      "partial: picked 9 of 10 instances",
    );
  });

  it.each(balancers)(
    "through a view, as $name, counts every pick and report",
    async (balancer) => {
      const picker = await throughView(balancer, 10);
      for (let pick = 0; pick < 200; pick++) picker.use(`key-${pick}`);
      expect(() => picker.check?.()).not.toThrow();
    },
  );
});
