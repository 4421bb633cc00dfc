#!/usr/bin/env node
import { dispatch } from "./dispatch.ts";

let lost: NodeJS.ErrnoException | undefined;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  lost ??= error;
});
// There is nobody to say it to.
process.stderr.on("error", () => undefined);

const ended = dispatch(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  input: () => process.stdin.setEncoding("utf8") as AsyncIterable<string>,
  isWatched: process.stderr.isTTY,
});

void ended.then((code) => {
  // Once what was written has left for a pipe that is slow.
  process.stdout.write("", (error) => {
    lost ??= error ?? undefined;
    // Who has read enough (`| head`) goes away: nothing is left to say then. A disk that is full is worth a word.
    if (lost === undefined || lost.code === "EPIPE") process.exit(code);
    process.stderr.write(`dp-breaker: standard output: ${lost.message}\n`);
    process.exit(2);
  });
});
