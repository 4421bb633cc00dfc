import { candidatesOf } from "../candidates.ts";
import { numberText } from "../chart/scale.ts";
import type { Exhibit } from "../exhibit.ts";
import {
  atLeast,
  extremesOf,
  fill,
  fullest,
  wayNames,
  type Extremes,
  type Way,
} from "./bins.ts";
import { fullestInTheory, sharesInTheory } from "./theory.ts";

/** Less for the many: each takes its time. */
const sizes = [
  { bins: 256, seeds: 20 },
  { bins: 4_096, seeds: 20 },
  { bins: 65_536, seeds: 3 },
];
const many = 65_536;

export const twoChoices = (): Exhibit => {
  const ten = candidatesOf(10);
  const manyBins = candidatesOf(many);
  return {
    name: "two-choices",
    table: [
      [
        "an instance is picked",
        ...sizes.map(({ bins }) => `fullest of ${numberText(bins)}`),
        "10 bins, 100,000 balls",
      ],
      ...wayNames.map((way) => [
        way,
        ...sizes.map(({ bins, seeds }) => rangeText(fullest(way, bins, seeds))),
        rangeText(extremesOf(fill(way, ten, 100_000, 1))),
      ]),
      ...wayNames.map((way) => [
        `${way}, in theory`,
        ...sizes.map(({ bins }) => String(fullestInTheory(way, bins))),
        "",
      ]),
    ],
    charts: {
      "two-choices": {
        kind: "lines",
        title: "Bins with at least so many balls, 65,536 of both",
        description:
          "Thrown by chance, the share of bins with at least so many balls falls about exponentially, to one bin with eight. With the emptier of two it falls far faster, to a hundredth with three and hardly any with four. Both follow the theory.",
        x: { label: "balls" },
        y: { label: "share of the bins", scale: "log", max: 1 },
        lines: [
          ...wayNames.map((way) => ({
            name: way,
            points: pointsOf(atLeast(fill(way, manyBins, many, 1))),
          })),
          ...wayNames.map((way) => ({
            name: `${way}, in theory`,
            points: pointsOf(visible(way)),
            dashed: true,
          })),
        ],
      },
    },
  };
};

const rangeText = ({ least, most }: Extremes): string =>
  least === most
    ? numberText(least)
    : `${numberText(least)} to ${numberText(most)}`;

const visible = (way: Way): readonly number[] =>
  sharesInTheory(way).filter((share) => share * many >= 0.5);

const pointsOf = (
  shares: readonly number[],
): readonly (readonly [number, number])[] =>
  [1, ...shares].map((share, balls) => [balls, share] as const);
