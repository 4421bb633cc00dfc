import { readFileSync } from "node:fs";
import { requireProgram } from "./binaries.ts";
import type { Processes } from "./processes.ts";

/** What one run of wrk counted. */
export interface Load {
  readonly requests: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Connections that failed to open, to read or to write, and answers that never came. */
  readonly socketErrors: number;
  /** Answers with a status of 400 and above. */
  readonly refused: number;
}

const secondsPer = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
const bytesPer = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

const captures = (output: string, pattern: RegExp): readonly string[] => {
  const found = pattern.exec(output);
  if (found === null)
    throw new Error(`wrk printed no ${pattern.source}, but:\n${output}`);
  return found.slice(1);
};

const scale = <Unit extends string>(
  units: Readonly<Record<Unit, number>>,
  [value = "", unit = ""]: readonly string[],
): number => Number(value) * units[unit as Unit];

/** Reads what `wrk --latency` prints; throws when it is not a full report. */
export const parseWrk = (output: string): Load => {
  const total =
    /(\d+) requests in ([\d.]+)(us|ms|s|m|h), ([\d.]+)([KMGT]?)B read/;
  const [requests, time, timeUnit, size, sizeUnit] = captures(output, total);
  const percentileMs = (percent: number): number => {
    const line = new RegExp(`^ +${percent}% +([\\d.]+)(us|ms|s|m|h) *$`, "m");
    return scale(secondsPer, captures(output, line)) * 1000;
  };
  const errors =
    /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(
      output,
    );
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(output);
  return {
    requests: Number(requests),
    seconds: scale(secondsPer, [time ?? "", timeUnit ?? ""]),
    bytes: scale(bytesPer, [size ?? "", sizeUnit ?? ""]),
    p50Ms: percentileMs(50),
    p99Ms: percentileMs(99),
    socketErrors: (errors ?? [])
      .slice(1)
      .reduce((sum, count) => sum + Number(count), 0),
    refused: Number(refused?.[1] ?? 0),
  };
};

/** Connections that wrk keeps open, each with one request on its way. */
export const connections = 64;

/** Loads `url` for `seconds` (a whole number: wrk takes no fractions) from the core given to the load side. */
export const runWrk = async (
  processes: Processes,
  url: string,
  seconds: number,
): Promise<Load> => {
  const child = processes.start({
    name: "wrk",
    core: "load",
    command: [
      requireProgram("wrk"),
      "-t1",
      `-c${connections}`,
      `-d${seconds}s`,
      "--latency",
      url,
    ],
  });
  await child.exited;
  const words = [child.outputFile, child.errorFile].map((file) =>
    readFileSync(file, "utf8"),
  );
  return parseWrk(words.join(""));
};
