import { parseRunSize } from "../run-size.ts";

/** How much is measured. */
export interface BenchOptions {
  /** Turns of every contestant. */
  readonly rounds: number;
  /** Batches of 20,000 decisions in memory, each of allowed and refused ones, a turn. */
  readonly batches: number;
  /** Decisions through Redis a turn. */
  readonly decisions: number;
  /** Held keys: just above a power of two, where tables have just doubled, and where they are well filled. */
  readonly keyCounts: readonly number[];
}

/** Reads the command line: see {@link parseRunSize}. */
export const parseOptions = (commandLine: readonly string[]): BenchOptions =>
  parseRunSize<BenchOptions>(commandLine, {
    full: {
      rounds: 15,
      batches: 10,
      decisions: 100_000,
      keyCounts: [135_000, 260_000, 1_000_000],
    },
    quick: { rounds: 3, batches: 2, decisions: 4_000, keyCounts: [34_000] },
  });
