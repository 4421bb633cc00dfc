import type { Line } from "../chart/chart.ts";
import type { Exhibit } from "../exhibit.ts";
import { stormOf, unboundedLoad, type StormFigures } from "./storm.ts";

const failureShares = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

const guards = [
  { name: "3 repeats", ratio: undefined },
  { name: "3 repeats, budget 20 %", ratio: 0.2 },
  { name: "3 repeats, budget 10 %", ratio: 0.1 },
];

export const retryBudgets = async (): Promise<Exhibit> => {
  const measured: { name: string; figures: StormFigures[] }[] = [];
  for (const { name, ratio } of guards) {
    const figures: StormFigures[] = [];
    for (const failureShare of failureShares)
      figures.push(await stormOf(failureShare, ratio));
    measured.push({ name, figures });
  }
  const lines = measured.map(({ name, figures }): Line => {
    const points = figures.map(
      ({ load }, place) => [failureShares[place] ?? NaN, load] as const,
    );
    return { name, points };
  });
  const closedForm: Line = {
    name: "closed form of 3 repeats",
    points: failureShares.map((share) => [share, unboundedLoad(share, 3)]),
    dashed: true,
  };
  const shown = [0.1, 0.5, 0.9, 1];
  const closed = shown.map((share) => unboundedLoad(share, 3).toFixed(2));
  return {
    name: "retry-budget",
    table: [
      ["attempts a call, when so many fail", "10 %", "50 %", "90 %", "100 %"],
      ...measured.map(({ name, figures }) => [
        name,
        ...shown.map((share) =>
          (figures[failureShares.indexOf(share)]?.load ?? NaN).toFixed(2),
        ),
      ]),
      ["closed form of 3 repeats", ...closed],
    ],
    charts: {
      "retry-load": {
        kind: "lines",
        title: "Load on a service that fails, by what its callers repeat",
        description:
          "Three repeats without a budget raise the load to four times as much as everything fails, along the closed form; with a budget it stays below 1.2 and 1.1.",
        x: { label: "share of attempts that fail" },
        y: { label: "attempts for each call" },
        lines: [...lines, closedForm],
      },
    },
  };
};
