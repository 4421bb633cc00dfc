import type { Row } from "./report.ts";
import { median } from "../statistics.ts";

/** A promise about rows of one run: `row` costs at most `most` times the cheapest of `against`. */
export interface Bound {
  readonly row: string;
  readonly against: readonly string[];
  /** `added`: beyond the bare operation. `whole`: with everything, for what does not run the operation. */
  readonly of: "added" | "whole";
  readonly most: number;
}

export const bounds: readonly Bound[] = [
  {
    row: "@dp/breaker breaker failureRate",
    against: ["cockatiel sampling"],
    of: "added",
    most: 0.6,
  },
  {
    row: "@dp/breaker pipeline(retry, breaker, timeout)",
    against: ["cockatiel wrap(retry, sampling, timeout)"],
    of: "added",
    most: 1 / 8,
  },
  {
    row: "@dp/breaker permit consecutive",
    against: ["baseline no guard"],
    of: "whole",
    most: 0.35,
  },
  {
    row: "@dp/breaker permit failureRate",
    against: ["baseline no guard"],
    of: "whole",
    most: 0.35,
  },
  {
    row: "@dp/breaker breaker open, run",
    against: ["cockatiel consecutive, open", "opossum open"],
    of: "whole",
    most: 1 / 3,
  },
];

/** How a bound stands: the median over the rounds of the ratio within each, as the machine's speed changes between. */
export const ratioOf = (
  { row, against, of }: Bound,
  rows: readonly Row[],
): number => {
  const named = (name: string): Row => {
    const found = rows.find((each) => `${each.by} ${each.name}` === name);
    if (found === undefined) throw new Error(`no row "${name}"`);
    return found;
  };
  const bare = named("baseline no guard");
  const cost = (name: string, round: number): number =>
    at(named(name), round) - (of === "added" ? at(bare, round) : 0);
  return median(
    bare.rounds.map(
      (_, round) =>
        cost(row, round) /
        Math.min(...against.map((name) => cost(name, round))),
    ),
  );
};

const at = (row: Row, round: number): number => row.rounds[round] ?? NaN;

/** All bounds as a Markdown table, each with what was measured and whether that holds. */
export const boundsTable = (rows: readonly Row[]): string =>
  [
    "| | x | of | at most | |",
    "| --- | --: | --- | --: | --- |",
    ...bounds.map((bound) => {
      const ratio = ratioOf(bound, rows);
      const holds = ratio <= bound.most ? "held" : "NOT held";
      const what = `${bound.row}, ${bound.of}`;
      return `| ${what} | ${ratio.toFixed(3)} | ${bound.against.join(" or ")} | ${bound.most.toFixed(3)} | ${holds} |`;
    }),
  ].join("\n");
