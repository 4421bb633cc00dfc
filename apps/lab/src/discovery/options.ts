import { parseRunSize } from "../run-size.ts";

/** How much is measured. */
export interface BenchOptions {
  /** Turns of every contestant. */
  readonly rounds: number;
  /** CPU time that the picks of one figure take a turn. */
  readonly msPerFigure: number;
  /** How long 200 changes a second are followed, for each registry. */
  readonly lagSeconds: number;
}

/** Reads the command line: see {@link parseRunSize}. */
export const parseOptions = (commandLine: readonly string[]): BenchOptions =>
  parseRunSize<BenchOptions>(commandLine, {
    full: { rounds: 11, msPerFigure: 15, lagSeconds: 10 },
    quick: { rounds: 3, msPerFigure: 8, lagSeconds: 4 },
  });
