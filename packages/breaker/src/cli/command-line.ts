import { parseArgs } from "node:util";

/** What the command line asks for. */
export type Command =
  | { readonly name: "help" }
  | {
      readonly name: "replay";
      /** A file, or `-` for standard input. */
      readonly log: string;
      readonly configs: readonly string[];
      readonly svg: string | undefined;
      readonly json: boolean;
    };

export const usage = `Usage: dp-breaker replay <log> --config <file> [--config <file>]... [--svg <file>] [--json]

Tells when breakers would have opened in a recorded log, and whom they would have refused rightly and wrongly.

  <log>             one call a line: {"atMs":1795793837123,"durationMs":85,"outcome":"success"} or "failure";
                    atMs is when it began; - reads standard input
  --config <file>   JSON: a breaker's options, an array of them or {"configurations":[...]}
  --svg <file>      also draw the states over time
  --json            print the whole report as JSON

Exit codes: 0 ok, 2 usage or bad input.
`;

/** The command in `args`, or in words what is wrong with them. */
export const parseCommandLine = (args: readonly string[]): Command | string => {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        config: { type: "string", multiple: true },
        svg: { type: "string" },
        json: { type: "boolean" },
      },
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { positionals, values } = parsed;
  const [name, log, ...more] = positionals;
  if (values.help === true || name === "help") return { name: "help" };
  if (name === undefined) return "a command is missing";
  if (name !== "replay") return `there is no command ${JSON.stringify(name)}`;
  if (log === undefined) return "replay needs a log";
  if (more.length > 0) return "replay takes one log";
  const { config: configs = [], svg, json = false } = values;
  if (configs.length === 0) return "replay needs --config <file>";
  return { name, log, configs, svg, json };
};
