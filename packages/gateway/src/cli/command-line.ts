import { parseArgs } from "node:util";

/** What the command line asks for. */
export type Command =
  | { readonly name: "run" | "check"; readonly file: string }
  | { readonly name: "schema" | "help" }
  | {
      readonly name: "explain";
      readonly file: string;
      readonly method: string;
      readonly path: string;
      readonly host: string | undefined;
      readonly headers: Readonly<Record<string, string>>;
    };

export const usage = `Usage: dp-gateway <command>

  run <file>        serve; SIGHUP reloads the file, SIGTERM or SIGINT drains, a second one stops at once
  check <file>      print every problem of a configuration, or its services and its routes in order of precedence
  explain <file> <METHOD> <path> [--host <host>] [--header '<name>: <value>']...
                    print which route takes a request, what applies to it and why the other routes do not take it
  schema            print the JSON Schema of a configuration

Exit codes: 0 ok, 1 refused, 2 usage.
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
        host: { type: "string" },
        header: { type: "string", multiple: true },
      },
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { positionals, values } = parsed;
  const [name, ...rest] = positionals;
  if (values.help === true || name === "help") return { name: "help" };
  if (name === undefined) return "a command is missing";
  if (name === "explain")
    return explainCommand(rest, values.host, values.header ?? []);
  if (values.host !== undefined || values.header !== undefined)
    return "--host and --header are for explain";
  const [file, ...more] = rest;
  switch (name) {
    case "schema":
      return file === undefined ? { name } : "schema takes no file";
    case "run":
    case "check":
      if (file === undefined) return `${name} needs a file`;
      return more.length === 0 ? { name, file } : `${name} takes one file`;
    default:
      return `there is no command ${JSON.stringify(name)}`;
  }
};

const explainCommand = (
  [file, method, path, ...more]: readonly string[],
  host: string | undefined,
  lines: readonly string[],
): Command | string => {
  if (file === undefined || method === undefined || path === undefined)
    return "explain needs a file, a method and a path";
  if (more.length > 0) return "explain takes a file, a method and a path";
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, field, value] = /^([^\s:]+):\s*(.*?)\s*$/.exec(line) ?? [];
    if (field === undefined || value === undefined)
      return `--header must be 'name: value', got ${JSON.stringify(line)}`;
    const name = field.toLowerCase();
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return { name: "explain", file, method, path, host, headers };
};
