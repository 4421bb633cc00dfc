import type { Proxy } from "./proxies/proxy.ts";
import { median, pairedRatios } from "../statistics.ts";
import type { Turn } from "./turn.ts";

/** What became of one row. */
export type Outcome =
  | { readonly state: "measured"; readonly turns: readonly Turn[] }
  | { readonly state: "missing"; readonly reason: string }
  | { readonly state: "invalid"; readonly reason: string };

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly accessLog: boolean;
  readonly outcome: Outcome;
}

/** The row of `proxy`; a proxy that is missing has its name for a title. */
export const rowOf = (proxy: Proxy, outcome: Outcome): Row => ({
  name: proxy.name,
  title: outcome.state === "missing" ? proxy.name : proxy.title(),
  accessLog: proxy.accessLog,
  outcome,
});

/** The median of one figure over all turns; undefined for a row that was not measured. */
export const figure = (row: Row, key: keyof Turn): number | undefined =>
  row.outcome.state === "measured"
    ? median(row.outcome.turns.map((turn) => turn[key]))
    : undefined;

/** A ratio of two rows' CPU per request over the rounds of a run. */
export interface CostRatio {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** How many times the CPU per request of the row called `base` the row called `name` takes; undefined unless both were measured. */
export const costRatio = (
  rows: readonly Row[],
  name: string,
  base: string,
): CostRatio | undefined => {
  const costs = (wanted: string): readonly number[] | undefined => {
    const outcome = rows.find((row) => row.name === wanted)?.outcome;
    return outcome?.state === "measured"
      ? outcome.turns.map((turn) => turn.cpuUsPerRequest)
      : undefined;
  };
  const values = costs(name);
  const bases = costs(base);
  if (values === undefined || bases === undefined) return undefined;
  const ratios = pairedRatios(values, bases);
  return {
    median: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
  };
};

/** A promise about the gateway's cost, and whether the median of this run kept it. */
export interface Threshold {
  readonly promise: string;
  readonly ratio: CostRatio | undefined;
  /** Undefined when the run did not measure both rows. */
  readonly holds: boolean | undefined;
}

const most = 1.9;
const least = 2.5;

/** The two promises about the plain proxy, decided by `rows`. */
export const thresholds = (rows: readonly Row[]): readonly Threshold[] => {
  const toFloor = costRatio(rows, "dp", "floor");
  const toFastProxy = costRatio(rows, "fast-proxy", "dp");
  return [
    {
      promise: `dp takes at most ${most} times the CPU of floor`,
      ratio: toFloor,
      holds: toFloor && toFloor.median <= most,
    },
    {
      promise: `fast-proxy takes at least ${least} times the CPU of dp`,
      ratio: toFastProxy,
      holds: toFastProxy && toFastProxy.median >= least,
    },
  ];
};
