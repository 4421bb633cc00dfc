import type { Chart } from "./chart/chart.ts";

/** What a simulation shows: figures for the README and pictures of them. */
export interface Exhibit {
  readonly name: string;
  /** The first line holds the titles. */
  readonly table: readonly (readonly string[])[];
  /** By the name of the file, without its ending. */
  readonly charts: Readonly<Record<string, Chart>>;
}
