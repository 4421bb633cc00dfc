import { beforeAll, describe, expect, it } from "vitest";
import { arrivals, patternNames, type PatternName } from "./arrivals.ts";
import {
  algorithmNames,
  limit,
  loads,
  windowErrors,
  type AlgorithmName,
  type WindowErrors,
} from "./errors.ts";

interface Row {
  readonly pattern: PatternName;
  readonly load: number;
  readonly of: Readonly<Record<AlgorithmName, WindowErrors>>;
}

let rows: readonly Row[] = [];
beforeAll(() => {
  rows = patternNames.flatMap((pattern) =>
    loads.map((load) => ({
      pattern,
      load,
      of: Object.fromEntries(
        algorithmNames.map((name) => [
          name,
          windowErrors(name, pattern, load, 1),
        ]),
      ) as Record<AlgorithmName, WindowErrors>,
    })),
  );
});

const allOf = (
  algorithm: AlgorithmName,
  pattern?: PatternName,
): readonly WindowErrors[] =>
  rows
    .filter((row) => pattern === undefined || row.pattern === pattern)
    .map((row) => row.of[algorithm]);

const counter = (pattern: PatternName, load: number): WindowErrors =>
  rows.find((row) => row.pattern === pattern && row.load === load)!.of[
    "sliding window"
  ];

const wrong = ({ wronglyAllowed, wronglyRefused }: WindowErrors): number =>
  wronglyAllowed + wronglyRefused;

describe("the calls of one subject", () => {
  it.each(patternNames)("come as often as they are said to: %s", (pattern) => {
    const endMs = 4 * 3_600_000;
    const times = arrivals(pattern, 600, endMs, 1);
    expect(times).toEqual(times.toSorted((left, right) => left - right));
    expect(Math.abs((times.length * 600) / endMs - 1)).toBeLessThan(0.1);
  });
});

describe("the exact log", () => {
  it("is never wrong, counts what is there, and never allows more than the limit", () => {
    for (const errors of allOf("sliding log")) {
      expect(wrong(errors)).toBe(0);
      expect(errors.countError).toBe(0);
      expect(errors.most).toBeLessThanOrEqual(1);
    }
  });
});

describe("the sliding window counter", () => {
  it("is never wrong about a subject that keeps well below its limit", () => {
    const errors = counter("Poisson", 0.5);
    expect(wrong(errors)).toBe(0);
    expect(errors.most).toBeLessThan(1);
  });

  it("never allows twice the limit in a period, and at most a fifth too many when calls do not come in bursts", () => {
    for (const { most } of allOf("sliding window", "bursty")) {
      expect(most).toBeGreaterThan(1.3);
      expect(most).toBeLessThan(2);
    }
    for (const pattern of ["Poisson", "diurnal"] as const)
      for (const { most } of allOf("sliding window", pattern))
        expect(most).toBeLessThan(1.2);
  });

  it("wrongly allows one call in nine at most, fewer than the other two on every trace", () => {
    for (const { of } of rows) {
      const { wronglyAllowed } = of["sliding window"];
      expect(wronglyAllowed).toBeLessThan(0.115);
      for (const other of ["fixed window", "token bucket"] as const)
        expect(wronglyAllowed).toBeLessThanOrEqual(of[other].wronglyAllowed);
    }
  });

  it("wrongly refuses the more the more is asked of it: half of the calls at three times the limit", () => {
    for (const pattern of ["Poisson", "diurnal"] as const) {
      const shares = loads.map((load) => counter(pattern, load).wronglyRefused);
      expect(shares).toEqual(shares.toSorted((left, right) => left - right));
      expect(shares.at(-1)).toBeGreaterThan(0.5);
      expect(shares.at(-1)).toBeLessThan(0.6);
    }
  });

  it("refuses them for want of one place nineteen times in twenty, one time in ten in bursts", () => {
    const forOne = (pattern: PatternName): number => {
      const { refusedForOne, wronglyRefused } = counter(pattern, 3);
      return refusedForOne / wronglyRefused;
    };
    expect(forOne("Poisson")).toBeGreaterThan(0.93);
    expect(forOne("diurnal")).toBeGreaterThan(0.93);
    expect(forOne("bursty")).toBeLessThan(0.12);
  });

  it("is seldom wrong by more than 15 % of the limit, but up to one time in five when calls come in bursts", () => {
    for (const pattern of ["Poisson", "diurnal"] as const)
      for (const { clearlyWrong } of allOf("sliding window", pattern))
        expect(clearlyWrong).toBeLessThan(0.0025);
    for (const { clearlyWrong } of allOf("sliding window", "bursty")) {
      expect(clearlyWrong).toBeGreaterThan(0.04);
      expect(clearlyWrong).toBeLessThan(0.22);
    }
  });

  it("is off by 1 to 3 % of the limit on average, by 9 to 17 % in bursts", () => {
    for (const pattern of ["Poisson", "diurnal"] as const)
      for (const { countError } of allOf("sliding window", pattern)) {
        expect(countError).toBeGreaterThan(0.008);
        expect(countError).toBeLessThan(0.03);
      }
    for (const { countError } of allOf("sliding window", "bursty")) {
      expect(countError).toBeGreaterThan(0.09);
      expect(countError).toBeLessThan(0.17);
    }
  });

  it("lets about as many calls through in the long run as the log", () => {
    for (const { of } of rows) {
      const ratio = of["sliding window"].allowed / of["sliding log"].allowed;
      expect(Math.abs(ratio - 1)).toBeLessThan(0.04);
    }
  });
});

describe("fixed windows and token buckets", () => {
  it.each(["fixed window", "token bucket"] as const)(
    "refuse nothing wrongly, and allow up to twice the limit in a period: %s",
    (name) => {
      const all = allOf(name);
      for (const errors of all) {
        expect(errors.wronglyRefused).toBe(0);
        expect(errors.most).toBeLessThanOrEqual(2);
      }
      const most = Math.max(...all.map((errors) => errors.most));
      expect(most).toBeGreaterThanOrEqual(2 - 1 / limit);
    },
  );

  it("wrongly allow three calls in ten and five in ten when as many come as are allowed", () => {
    const { of } = rows.find(
      ({ pattern, load }) => pattern === "Poisson" && load === 1,
    )!;
    expect(Math.abs(of["fixed window"].wronglyAllowed - 0.3)).toBeLessThan(
      0.03,
    );
    expect(Math.abs(of["token bucket"].wronglyAllowed - 0.49)).toBeLessThan(
      0.03,
    );
  });
});

describe("a trace", () => {
  it("gives the same figures for the same seed", () => {
    const again = windowErrors("sliding window", "bursty", 1, 1);
    expect(again).toEqual(counter("bursty", 1));
  });
});
