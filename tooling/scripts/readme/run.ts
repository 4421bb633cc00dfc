import { spawn } from "node:child_process";
import type { Program } from "./programs.ts";

const limitMs = 30_000;

export interface Run {
  readonly ok: boolean;
  readonly output: string;
  readonly errors: string;
}

/** Runs a program file with `node` in `folder`; one that does not end within 30 s is killed and counts as failed. */
export const runFile = (
  node: string,
  folder: string,
  words: readonly string[],
): Promise<Run> =>
  new Promise((resolve, reject) => {
    const child = spawn(node, words, {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "" },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: limitMs,
      killSignal: "SIGKILL",
    });
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (signal === "SIGKILL") errors += `still running after ${limitMs} ms\n`;
      resolve({ ok: code === 0, output, errors });
    });
  });

const indented = (text: string): string =>
  text.trimEnd().replaceAll(/^/gm, "    ");

/** What is wrong with a run of a README program, or undefined. */
export const faultOf = (program: Program, run: Run): string | undefined => {
  if (!run.ok)
    return `${program.place} fails:\n${indented(run.errors + run.output)}`;
  const { output } = program;
  if (output === undefined || run.output.trimEnd() === output.trimEnd())
    return undefined;
  return `${program.place} prints\n${indented(run.output)}\n  where the README says\n${indented(output)}`;
};
