import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  InvalidOptionError,
  requireInteger,
  requireOneOf,
  requireText,
} from "@dp/core";
import { proxyNames } from "./proxies/proxies.ts";

export interface BenchOptions {
  /** How often every proxy has its turn. */
  readonly rounds: number;
  /** Length of the measured part of a turn. */
  readonly seconds: number;
  /** Names of the rows to measure, all when undefined. */
  readonly only: readonly string[] | undefined;
  /** A Node program to measure in the place of the gateway. */
  readonly entry: string | undefined;
}

export const usage = `Usage: pnpm bench gateway [options]

CPU time per request of the gateway and of other proxies, all in one run: each in
one process on CPU 0; wrk -t1 -c64 and the upstream, an nginx, on CPU 1. Every turn
compares hundreds of answers byte for byte and the status and size of all others.
Results go to apps/lab/.results/gateway.json.

  --only=a,b        measure only these rows; ratios need floor and nginx among them:
                    ${proxyNames.slice(0, 6).join(", ")},
                    ${proxyNames.slice(6).join(", ")}
  --rounds=N        turns of every row, from 1 to 100 (default 8)
  --seconds=N       measured seconds of a turn, from 1 to 600 (default 2)
  --quick           two rounds of one second
  --dp-entry=FILE   measure "node FILE" in the place of the gateway. It finds the port
                    to listen on in DP_BENCH_LISTEN_PORT and the one to forward to in
                    DP_BENCH_UPSTREAM_PORT, both on 127.0.0.1
  --help            show this text

Exit code: 0 measured (a missing peer or a missed threshold is in the table), 1 a
proxy failed or gave a wrong answer, 2 wrong options, 130 interrupted.
`;

const wholeNumber = (
  option: string,
  value: string | undefined,
  fallback: number,
  maximum: number,
): number =>
  value === undefined
    ? fallback
    : requireInteger(
        option,
        /^\d+$/.test(value) ? Number(value) : value,
        1,
        maximum,
      );

/** Reads the command line; undefined when help is asked for. Throws an Error whose message says what is wrong and what is allowed. */
export const parseOptions = (
  commandLine: readonly string[],
): BenchOptions | undefined => {
  const { values } = parseArgs({
    args: [...commandLine],
    options: {
      only: { type: "string" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      quick: { type: "boolean" },
      "dp-entry": { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) return undefined;
  const quick = values.quick === true;
  const entry = values["dp-entry"];
  const only = values.only
    ?.split(",")
    .map((name) => requireOneOf("--only", name, proxyNames));
  if (entry !== undefined && only?.includes("dp-log") === true)
    throw new InvalidOptionError(
      "--only",
      "dp-log",
      "left out beside --dp-entry, which has no access log",
    );
  if (entry !== undefined && !existsSync(requireText("--dp-entry", entry)))
    throw new InvalidOptionError("--dp-entry", entry, "a file that exists");
  return {
    rounds: wholeNumber("--rounds", values.rounds, quick ? 2 : 8, 100),
    seconds: wholeNumber("--seconds", values.seconds, quick ? 1 : 2, 600),
    only,
    entry: entry === undefined ? undefined : resolve(entry),
  };
};
