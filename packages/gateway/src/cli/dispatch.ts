import { gatewaySchema } from "../config/schema.ts";
import { check } from "./check.ts";
import { parseCommandLine, usage } from "./command-line.ts";
import { explain } from "./explain.ts";
import { run, type RunParts } from "./run.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** Carries out what the arguments ask for and gives the exit code. */
export const dispatch = async (
  args: readonly string[],
  terminal: Terminal,
  parts: RunParts,
): Promise<ExitCode> => {
  const command = parseCommandLine(args);
  if (typeof command === "string") {
    terminal.error(`dp-gateway: ${command}\n\n${usage}`);
    return 2;
  }
  switch (command.name) {
    case "help":
      terminal.out(usage);
      return 0;
    case "schema":
      terminal.out(`${JSON.stringify(gatewaySchema, undefined, 2)}\n`);
      return 0;
    case "check":
      return check(command.file, terminal);
    case "explain":
      return explain(command, terminal);
    case "run":
      return run(command.file, terminal, parts);
  }
};
