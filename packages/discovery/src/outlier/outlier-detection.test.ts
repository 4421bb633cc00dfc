import { InvalidOptionError } from "@dp/core";
import { describe, expect, it } from "vitest";
import { outlierDetection } from "./outlier-detection.ts";

/** Fails until told to eject, then ejects; how long that lasts. */
const ejection = (
  account: ReturnType<ReturnType<typeof outlierDetection>["account"]>,
  nowMs: number,
): number => {
  while (!account.failure(nowMs));
  account.eject(nowMs);
  return account.ejectedUntilMs - nowMs;
};

describe("an outlier account", () => {
  it("asks for ejection at the given number of failures in a row", () => {
    const account = outlierDetection({ consecutive: 3 }).account();
    expect([1, 2].map(() => account.failure(0))).toEqual([false, false]);
    account.success(0);
    expect([1, 2, 3].map(() => account.failure(0))).toEqual([
      false,
      false,
      true,
    ]);
    // Without room it goes on asking.
    expect(account.failure(0)).toBe(true);
    expect(account.ejectedUntilMs).toBe(-Infinity);
  });

  it("never asks for it when consecutive failures are switched off", () => {
    const account = outlierDetection({ consecutive: false }).account();
    for (let failure = 0; failure < 10_000; failure++)
      expect(account.failure(0)).toBe(false);
  });

  it("starts to count anew after an ejection, and counts nothing during it", () => {
    const account = outlierDetection({ consecutive: 2, for: 100 }).account();
    expect(ejection(account, 0)).toBe(100);
    expect([1, 2, 3].map(() => account.failure(99))).toEqual([
      false,
      false,
      false,
    ]);
    expect(account.failures).toBe(0);
    expect([account.failure(100), account.failure(100)]).toEqual([false, true]);
  });

  it("lengthens each repeat by the first time, up to the longest", () => {
    const account = outlierDetection({ for: "30s", maxFor: "100s" }).account();
    const lasted: number[] = [];
    for (let nowMs = 0, index = 0; index < 5; index++) {
      const forMs = ejection(account, nowMs);
      lasted.push(forMs);
      nowMs += forMs;
    }
    expect(lasted).toEqual([30_000, 60_000, 90_000, 100_000, 100_000]);
  });

  it("forgives one repeat for each interval without ejection, but never the first", () => {
    const detection = outlierDetection({ for: 1000, interval: 500 });
    const twice = () => {
      const account = detection.account();
      ejection(account, 0);
      return { account, endMs: 1000 + ejection(account, 1000) };
    };
    for (const [goodMs, nextMs] of [
      [0, 3000],
      [499, 3000],
      [500, 2000],
      [1000, 1000],
      [1e6, 1000],
    ] as const) {
      const { account, endMs } = twice();
      expect(ejection(account, endMs + goodMs)).toBe(nextMs);
    }
  });

  it("does not need longer to forgive once the longest time is reached", () => {
    const options = { for: 1000, maxFor: 2000, interval: 500 };
    const account = outlierDetection(options).account();
    let nowMs = 0;
    for (let index = 0; index < 50; index++) nowMs += ejection(account, nowMs);
    expect(ejection(account, nowMs + 1000)).toBe(1000);
  });

  it("can be for ever", () => {
    const account = outlierDetection({ for: Infinity }).account();
    expect(ejection(account, 5)).toBe(Infinity);
  });
});

describe("room for ejections", () => {
  it("is the share of those that serve, rounded down", () => {
    const detection = outlierDetection({ maxShare: 0.29 });
    expect(detection.mayEject(28, 100)).toBe(true);
    expect(detection.mayEject(29, 100)).toBe(false);
  });

  it("is one in any case among two or more, and none for a single one", () => {
    const detection = outlierDetection({ maxShare: 0 });
    expect([
      detection.mayEject(0, 2),
      detection.mayEject(1, 2),
      detection.mayEject(0, 1),
      detection.mayEject(0, 0),
    ]).toEqual([true, false, false, false]);
  });
});

describe("outlierDetection", () => {
  it("refuses bad options, naming them", () => {
    const bad = [
      [{ consecutive: 0 }, "consecutive"],
      [{ consecutive: 1.5 }, "consecutive"],
      [{ for: 0 }, "for"],
      [{ for: "10s", maxFor: "5s" }, "maxFor"],
      [{ maxShare: 1.1 }, "maxShare"],
      [{ interval: 0 }, "interval"],
      [{ successRate: { minimumHosts: 0 } }, "successRate.minimumHosts"],
      [{ successRate: { minimumRequests: 0 } }, "successRate.minimumRequests"],
      [{ successRate: { stdevFactor: -1 } }, "successRate.stdevFactor"],
      [{ successRate: { floor: 1.5 } }, "successRate.floor"],
      [
        { successRate: { deviation: "mean" as never } },
        "successRate.deviation",
      ],
    ] as const;
    for (const [options, name] of bad) {
      expect(() => outlierDetection(options)).toThrow(InvalidOptionError);
      expect(() => outlierDetection(options)).toThrow(`${name} must be`);
    }
    expect(() => outlierDetection({ for: "10m" })).not.toThrow();
  });
});
