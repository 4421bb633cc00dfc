import { numberText } from "../chart/scale.ts";
import type { Exhibit } from "../exhibit.ts";
import { fanOut, hedgeNames } from "./fan-out.ts";

/** Milliseconds at which the curves are read, twenty to a power of ten. */
const marksMs = Array.from(
  { length: 48 },
  (_, place) => 10 ** (1 + place / 20),
);
/** Shares below this say nothing: a handful of calls. */
const smallest = 1e-4;

export const hedgedTails = async (): Promise<Exhibit> => {
  const measured = [];
  for (const name of hedgeNames)
    measured.push({ name, ...(await fanOut(name, 1)) });
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return {
    name: "hedging",
    table: [
      ["hedge", "requests over 1 s", "p99.9 of calls, ms", "extra runs"],
      ...measured.map(({ name, slowRequests, p999Ms, extraRuns }) => [
        name,
        percent(slowRequests),
        numberText(Math.round(p999Ms)),
        percent(extraRuns),
      ]),
    ],
    charts: {
      "hedging-tail": {
        kind: "lines",
        title: "Share of calls that take longer",
        description:
          "Without a hedge one call in a hundred takes longer than a second. With one nearly all end soon after the moment at which it is sent; a small rest, where both runs are slow or the budget is used up, does not.",
        x: { label: "milliseconds", scale: "log" },
        y: { label: "share of calls that take longer", scale: "log", max: 1 },
        lines: measured.map(({ name, callsMs }) => ({
          name,
          points: marksMs
            .map((mark) => [mark, shareAbove(callsMs, mark)] as const)
            .filter(([, share]) => share >= smallest),
        })),
      },
    },
  };
};

const shareAbove = (values: readonly number[], mark: number): number =>
  values.filter((value) => value > mark).length / values.length;
