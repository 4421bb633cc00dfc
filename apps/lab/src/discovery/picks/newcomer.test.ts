import { describe, expect, it } from "vitest";
import { grpcNewcomer, peakEwmaNewcomer } from "./newcomer.ts";

describe("an instance that joins ten well-known ones", () => {
  it("is starved by grpc-js as long as it has no weight, and so never gets one", () => {
    // Its period is the mean weight, 400, where that of the others is 1/400: once in 1.6 million picks.
    expect(grpcNewcomer(20_000).picked).toBeLessThanOrEqual(2);
  });

  it("gets its share from peakEwma", () => {
    const { picked } = peakEwmaNewcomer(20_000);
    expect(picked / 20_000).toBeGreaterThan(0.5 / 11);
    expect(picked / 20_000).toBeLessThan(2 / 11);
  });
});
