import { median } from "../statistics.ts";
import type { Subject } from "./subjects/subject.ts";

/** One subject with its nanoseconds a use in each round. */
export interface Measured {
  readonly subject: Subject;
  readonly rounds: readonly number[];
}

export interface Row {
  readonly by: Subject["by"];
  readonly name: string;
  readonly kind: Subject["kind"];
  /** Nanoseconds a use: the median over the rounds. */
  readonly ns: number;
  /** What the guard adds to the bare operation; where that does not run, all of it. */
  readonly addedNs: number;
  /** {@link Row.addedNs} in units of what our breaker with a consecutive trip adds. */
  readonly ratio: number;
  readonly rounds: readonly number[];
}

/** Rows in the order measured. The bare operation is the subject by `baseline` that comes first. */
export const rowsOf = (measured: readonly Measured[]): Row[] => {
  const bareNs = median(measured[0]?.rounds ?? []);
  const rows = measured.map(({ subject, rounds }) => {
    const ns = median(rounds);
    const { by, name, kind } = subject;
    const addedNs = kind === "call" ? ns - bareNs : ns;
    return { by, name, kind, ns, addedNs, rounds };
  });
  const unit = rows.find((row) => row.name === "breaker consecutive");
  return rows.map((row) => ({
    ...row,
    ratio: row.addedNs / (unit?.addedNs ?? NaN),
  }));
};

/** The rows as a Markdown table. */
export const tableOf = (rows: readonly Row[]): string => {
  const number = (value: number): string => value.toFixed(0);
  const lines = rows.map((row) => [
    row.by,
    row.name,
    number(row.ns),
    row.kind === "call" && row.addedNs !== 0 ? `+${number(row.addedNs)}` : "",
    row.addedNs === 0 ? "" : row.ratio.toFixed(row.ratio < 10 ? 2 : 1),
  ]);
  const cells = [
    ["", "guard", "ns CPU a use", "over no guard", "x breaker consecutive"],
    ["---", "---", "--:", "--:", "--:"],
    ...lines,
  ];
  return cells.map((line) => `| ${line.join(" | ")} |`).join("\n");
};

/** What breakers of one kind take while nobody uses them. */
export interface IdleRow {
  readonly name: string;
  readonly count: number;
  /** Bytes each. */
  readonly bytes: number;
  /** Timers running for all of them. */
  readonly timers: number;
}

/** The rows as a Markdown table. */
export const memoryTable = (rows: readonly IdleRow[]): string =>
  [
    "| idle breakers | bytes each | timers of all |",
    "| --- | --: | --: |",
    ...rows.map(
      ({ name, count, bytes, timers }) =>
        `| ${count} x ${name} | ${bytes} | ${timers} |`,
    ),
  ].join("\n");
