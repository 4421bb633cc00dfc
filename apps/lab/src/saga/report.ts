import { median } from "../statistics.ts";
/** One subject at one load. */
export interface Figures {
  readonly name: string;
  readonly inFlight: number;
  /** Sagas a second, by round. */
  readonly rates: readonly number[];
  /** The middle time of one saga in ms, by round. */
  readonly latencies: readonly number[];
  /** SQLite statements and transactions for one saga; undefined where there is no SQLite. */
  readonly statements?: number | undefined;
  readonly commits?: number | undefined;
}

/** How many times the floor's rate: the median over rounds, each against the floor of its own round. */
export const ratioOf = (
  { rates, inFlight }: Figures,
  all: readonly Figures[],
): number => {
  const floor = all.find(
    (each) => each.name === "bare journal" && each.inFlight === inFlight,
  );
  return median(
    rates.map((rate, round) => rate / (floor?.rates[round] ?? NaN)),
  );
};

/** The figures as a Markdown table. */
export const tableOf = (all: readonly Figures[]): string => {
  const number = (value: number | undefined, digits = 0): string =>
    value === undefined ? "" : value.toFixed(digits);
  const lines = all.map((each) => [
    String(each.inFlight),
    each.name,
    Math.round(median(each.rates)).toLocaleString("en"),
    number(median(each.latencies), 2),
    number(ratioOf(each, all), 2),
    number(each.statements, 1),
    number(each.commits, 3),
  ]);
  const cells = [
    [
      "in flight",
      "",
      "sagas/s",
      "ms a saga",
      "x bare journal",
      "statements a saga",
      "commits a saga",
    ],
    ["--:", "---", "--:", "--:", "--:", "--:", "--:"],
    ...lines,
  ];
  return cells.map((line) => `| ${line.join(" | ")} |`).join("\n");
};
