import { parseCommandLine, usage } from "./command-line.ts";
import { printable } from "./format-table.ts";
import { InputError } from "./input-error.ts";
import { replay } from "./replay.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** Carries out what the arguments ask for and gives the exit code. */
export const dispatch = async (
  args: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> => {
  const command = parseCommandLine(args);
  if (typeof command === "string") {
    terminal.error(`dp-breaker: ${command}\n\n${usage}`);
    return 2;
  }
  if (command.name === "help") {
    terminal.out(usage);
    return 0;
  }
  try {
    await replay(command, terminal);
    return 0;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // It may quote what was read.
    terminal.error(`dp-breaker: ${printable(error.message)}\n`);
    return 2;
  }
};
