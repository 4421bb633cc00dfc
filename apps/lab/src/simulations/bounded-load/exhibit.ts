import { numberText } from "../chart/scale.ts";
import type { Exhibit } from "../exhibit.ts";
import { spilledInTheory } from "./erlang.ts";
import {
  freshKeys,
  hotKeys,
  spill,
  type OwnerName,
  type SpillFigures,
} from "./spill.ts";

const factors = [undefined, 2, 1.5, 1.25, 1.1];
const ring = "ringHash, 100 points";

export const boundedLoads = (): Exhibit => {
  const measured = factors.map((factor) => {
    const of = (name: OwnerName): SpillFigures =>
      spill(name, factor, freshKeys());
    return {
      name: factor === undefined ? "no bound" : `factor ${factor}`,
      maglev: of("maglev"),
      ring: of(ring),
      hot: spill("maglev", factor, hotKeys()),
      theory: factor === undefined ? 0 : spilledInTheory(factor),
    };
  });
  return {
    name: "bounded-load",
    table: [
      [
        "100 on average, 100 instances",
        "most, maglev",
        "spilled",
        "in theory",
        "most, ring",
        "spilled",
        "most, hot keys",
        "spilled",
      ],
      ...measured.map(({ name, maglev, ring: onRing, hot, theory }) => [
        name,
        numberText(maglev.most),
        percent(maglev.spilled),
        percent(theory),
        numberText(onRing.most),
        percent(onRing.spilled),
        numberText(hot.most),
        percent(hot.spilled),
      ]),
    ],
    charts: {
      "bounded-load": {
        kind: "bars",
        title: "Most in flight on one of 100 instances, 100 on average",
        description:
          "Without a bound a hot key puts eleven times the average on its owner; keys that are all alike put half as much again on the fullest. A factor of 2, 1.5, 1.25 or 1.1 holds it at 200, 150, 125 and 110.",
        y: { label: "requests in flight" },
        bars: ["a key for each request", "hot keys"],
        groups: measured.map(({ name, maglev, hot }) => ({
          name,
          values: [maglev.most, hot.most],
        })),
      },
    },
  };
};

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
