import { numberText } from "../chart/scale.ts";
import { smoothed } from "../chart/smoothed.ts";
import { meanOf } from "../distributions.ts";
import type { Exhibit } from "../exhibit.ts";
import {
  balancerNames,
  leastRequestInTheory,
  roundRobinInTheory,
  slowForS,
  slowFromS,
  slowInstance,
  type BalancerName,
} from "./slow-instance.ts";

/** The table has the means, the picture what one of them comes to. */
const seeds = [1, 2, 3];

/** Where there is a closed form. */
const theory: Partial<Record<BalancerName, number>> = {
  roundRobin: roundRobinInTheory,
  leastRequest: leastRequestInTheory,
};

export const slowInstances = (): Exhibit => {
  const measured = balancerNames.map((name) => {
    const runs = seeds.map((seed) => slowInstance(name, seed));
    return {
      name,
      succeeded: meanOf(runs.map(({ succeeded }) => succeeded)),
      p999Ms: meanOf(runs.map(({ p999Ms }) => p999Ms)),
      slowShare: meanOf(runs.map(({ slowShare }) => slowShare)),
      backAfterS: meanOf(runs.map(({ backAfterS = Infinity }) => backAfterS)),
      picks: runs[1]?.picks ?? [],
    };
  });
  return {
    name: "slow-instance",
    table: [
      [
        "balancer",
        "succeeded",
        "in theory",
        "p99.9, ms",
        "share of the slow one",
        "s until it is back",
      ],
      ...measured.map(({ name, succeeded, p999Ms, slowShare, backAfterS }) => [
        name,
        percent(succeeded),
        percentOf(theory[name]),
        numberText(Math.round(p999Ms)),
        percent(slowShare),
        backAfterS === Infinity ? "never" : backAfterS.toFixed(0),
      ]),
    ],
    charts: {
      "slow-instance": {
        kind: "lines",
        title: "Requests to an instance that is too slow for half a minute",
        description:
          "roundRobin goes on sending 91 requests a second, leastRequest 18, powerOfTwo two or three. peakEwma and prequal send next to none after the first second. Afterwards leastRequest is back at once, powerOfTwo and peakEwma over ten to twenty seconds, prequal later and unevenly.",
        x: { label: "seconds" },
        y: { label: "requests a second" },
        shaded: {
          from: slowFromS,
          to: slowFromS + slowForS,
          label: "takes 2 s",
        },
        lines: measured.map(({ name, picks }) => ({
          name,
          points: smoothed(picks, 2),
        })),
      },
    },
  };
};

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

const percentOf = (share: number | undefined): string =>
  share === undefined ? "" : percent(share);
