import { numberText } from "../chart/scale.ts";
import { meanOf } from "../distributions.ts";
import type { Exhibit } from "../exhibit.ts";
import { meanUnevenness, unevennessOfTen } from "./arcs.ts";
import { hashings, keysLeaving, keysOf, maglevLeaving } from "./leaving.ts";

const shown = [5, 10, 100, 1_000];
const drawn = [2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000];
/** Other instances that leave, each by itself. */
const times = 5;

/** What moves when an instance leaves. */
export const hashMoves = (): Exhibit => {
  const keys = keysOf(5_000);
  const figures = new Map(
    drawn.map((instances) => {
      const { spread, moved } = maglevLeaving(
        instances,
        Math.min(instances, times),
      );
      return [instances, { spread, moved: meanOf(moved) }] as const;
    }),
  );
  const rowOf = (text: (instances: number) => string): readonly string[] =>
    shown.map(text);
  const { ringHash, rendezvous } = hashings;
  return {
    name: "hash-moves",
    table: [
      ["when one leaves of", ...shown.map(numberText)],
      ["its own share, which must move", ...rowOf((n) => percent(1 / n))],
      [
        "of the others' also, maglev",
        ...rowOf((n) => percent(figures.get(n)?.moved ?? NaN)),
      ],
      [
        "of the others' also, ringHash",
        ...rowOf((n) => percent(keysLeaving(ringHash, n, keys))),
      ],
      [
        "of the others' also, rendezvous",
        ...rowOf((n) => percent(keysLeaving(rendezvous, n, keys))),
      ],
      [
        "slots of most less slots of least, maglev",
        ...rowOf((n) => String(figures.get(n)?.spread)),
      ],
    ],
    charts: {
      "hash-moves": {
        kind: "lines",
        title: "Keys that move when one instance leaves",
        description:
          "ringHash and rendezvous move only what the instance had, one nth. maglev moves up to 0.6 % more, which with few instances is next to nothing and with a thousand several times as much.",
        x: { label: "instances", scale: "log" },
        y: { label: "share of all keys", scale: "log", max: 1 },
        lines: [
          {
            name: "maglev",
            points: drawn.map((n) => {
              const moved = figures.get(n)?.moved ?? NaN;
              return [n, 1 / n + (1 - 1 / n) * moved] as const;
            }),
          },
          {
            name: "ringHash and rendezvous: the least there is",
            points: drawn.map((n) => [n, 1 / n] as const),
            dashed: true,
          },
        ],
      },
    },
  };
};

const pointCounts = [1, 3, 10, 30, 100, 300, 1_000];
const rings = 20;

/** How even a ring is. */
export const ringShares = (): Exhibit => {
  const means = new Map(
    pointCounts.map((points) => [points, meanUnevenness(10, points, rings)]),
  );
  const tabled = [1, 10, 100, 1_000];
  return {
    name: "ring-shares",
    table: [
      ["points for an instance", ...tabled.map(numberText)],
      [
        "most of ten, times the average",
        ...tabled.map((points) => (means.get(points) ?? NaN).toFixed(2)),
      ],
      [
        "in theory",
        ...tabled.map((points) => unevennessOfTen(points).toFixed(2)),
      ],
    ],
    charts: {
      "ring-shares": {
        kind: "lines",
        title: "The greatest share of ten instances on a ring",
        description:
          "With one point for an instance the greatest share is nearly three times the average; it comes down with the root of the number of points, to 1.16 with 100 and 1.05 with 1,000. Maglev has no greater share at all.",
        x: { label: "points for an instance", scale: "log" },
        y: { label: "times the average" },
        lines: [
          { name: "ringHash, mean of 20 rings", points: [...means] },
          {
            name: "1 + 1.54 / √points",
            points: pointCounts
              .filter((points) => points > 1)
              .map((points) => [points, unevennessOfTen(points)] as const),
            dashed: true,
          },
          {
            name: "maglev",
            points: [1, 1_000].map((points) => [points, 1] as const),
            dashed: true,
          },
        ],
      },
    },
  };
};

const percent = (share: number): string =>
  `${numberText(Math.round(share * 1e4) / 100)} %`;
