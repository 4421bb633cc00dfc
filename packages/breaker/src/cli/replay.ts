import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { parse } from "node:path";
import { InvalidOptionError } from "@dp/core";
import { unmarked } from "../replay/byte-order-mark.ts";
import {
  readConfigurations,
  type ReplayConfiguration,
} from "../replay/configuration.ts";
import { linesOf } from "../replay/lines.ts";
import { replay as replayLog } from "../replay/replay.ts";
import type { ReplayReport } from "../replay/report.ts";
import { replayTimeline } from "../replay/timeline/timeline.ts";
import type { Command } from "./command-line.ts";
import { formatReport } from "./format-report.ts";
import { InputError, inputErrorOf } from "./input-error.ts";
import type { Terminal } from "./terminal.ts";

/** `dp-breaker replay`. Throws `InputError` for what cannot be read, used or written. */
export const replay = async (
  command: Extract<Command, { name: "replay" }>,
  terminal: Terminal,
): Promise<void> => {
  const configurations: ReplayConfiguration[] = [];
  for (const file of command.configs)
    configurations.push(...(await readConfigFile(file)));
  const report = await readLog(command, configurations, terminal);
  // First, because a log that was read for minutes must not be read again for a picture that could not be written.
  terminal.out(
    command.json
      ? `${JSON.stringify(report, undefined, 2)}\n`
      : formatReport(report),
  );
  if (command.svg !== undefined) await write(command.svg, report);
};

const readConfigFile = async (
  file: string,
): Promise<readonly ReplayConfiguration[]> => {
  try {
    const json: unknown = JSON.parse(unmarked(await readText(file)));
    return readConfigurations(json, parse(file).name);
  } catch (error) {
    throw inputErrorOf(file, error);
  }
};

/** A configuration is a few lines; this bounds the memory that a log given in its place can take. */
const longestConfig = 1_000_000;

const readText = async (file: string): Promise<string> => {
  let text = "";
  for await (const piece of createReadStream(file, "utf8")) {
    text += piece as string;
    if (text.length > longestConfig)
      throw new InputError(
        `${file}: must have at most ${longestConfig} characters, got more: is it a configuration?`,
      );
  }
  return text;
};

const readLog = async (
  { log, configs }: Extract<Command, { name: "replay" }>,
  configurations: readonly ReplayConfiguration[],
  terminal: Terminal,
): Promise<ReplayReport> => {
  const isInput = log === "-";
  try {
    const pieces = isInput
      ? terminal.input()
      : (createReadStream(log, "utf8") as AsyncIterable<string>);
    const lines = linesOf(pieces);
    return await replayLog(
      terminal.isWatched ? counted(lines, terminal) : lines,
      configurations,
    );
  } catch (error) {
    // Each file by itself was right: together they are not.
    if (InvalidOptionError.is(error))
      throw inputErrorOf(configs.join(", "), error);
    throw inputErrorOf(isInput ? "standard input" : log, error);
  }
};

const linesAMessage = 100_000;

/** The lines as they are, telling now and then how many there were. */
async function* counted(
  lines: AsyncIterable<string>,
  { error }: Terminal,
): AsyncGenerator<string, void, undefined> {
  let count = 0;
  try {
    for await (const line of lines) {
      if (++count % linesAMessage === 0) error(`\r${count} lines read`);
      yield line;
    }
  } finally {
    if (count >= linesAMessage) error("\r\u001b[K");
  }
}

const write = async (file: string, report: ReplayReport): Promise<void> => {
  try {
    await writeFile(file, replayTimeline(report));
  } catch (error) {
    throw inputErrorOf(file, error);
  }
};
