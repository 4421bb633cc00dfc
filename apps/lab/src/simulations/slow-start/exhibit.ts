import { numberText } from "../chart/scale.ts";
import { smoothed } from "../chart/smoothed.ts";
import { meanOf } from "../distributions.ts";
import type { Exhibit } from "../exhibit.ts";
import {
  balancerNames,
  joining,
  joinsAtS,
  windowMs,
  type JoiningFigures,
} from "./joining.ts";

export const slowStarts = async (): Promise<Exhibit> => {
  const measured: { name: string; figures: JoiningFigures }[] = [];
  for (const balancer of balancerNames)
    for (const isSlow of [false, true])
      measured.push({
        name: isSlow ? `${balancer}, slow start` : balancer,
        figures: await joining(balancer, isSlow),
      });
  const windowS = windowMs / 1_000;
  return {
    name: "slow-start",
    table: [
      [
        "clients' balancer",
        "failed",
        "p99 ms",
        "most on the newcomer",
        "its share, s 0 to 10",
        "s 10 to 20",
        "after",
      ],
      ...measured.map(({ name, figures: { failed, p99Ms, most, shares } }) => [
        name,
        percent(failed, 2),
        numberText(Math.round(p99Ms)),
        numberText(most),
        ...[
          shares.slice(joinsAtS, joinsAtS + windowS / 2),
          shares.slice(joinsAtS + windowS / 2, joinsAtS + windowS),
          shares.slice(joinsAtS + windowS + 1),
        ].map((part) => percent(meanOf(part), 1)),
      ]),
    ],
    charts: {
      "slow-start": {
        kind: "lines",
        title: "Share of requests that a cold newcomer gets",
        description:
          "weightedRoundRobin gives the newcomer an eleventh at once, with slow start a share that rises in a line. leastRequest and powerOfTwo give it less while it is slow; with slow start they give it nothing or little until the window of twenty seconds is over.",
        x: { label: "seconds" },
        y: { label: "share of all requests" },
        shaded: {
          from: joinsAtS,
          to: joinsAtS + windowS,
          label: "warms up",
        },
        lines: measured.map(({ name, figures: { shares } }) => ({
          name,
          points: smoothed(shares, 2),
        })),
      },
    },
  };
};

const percent = (share: number, digits: number): string =>
  `${(share * 100).toFixed(digits)} %`;
