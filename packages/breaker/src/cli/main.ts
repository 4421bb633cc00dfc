#!/usr/bin/env node
import { dispatch } from "./dispatch.ts";

// Who has read enough (`| head`) goes away: nothing is left to say then, and nobody to say it to.
const letGo = (error: NodeJS.ErrnoException): void => {
  if (error.code !== "EPIPE") throw error;
};
process.stdout.on("error", letGo);
process.stderr.on("error", letGo);

const ended = dispatch(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  input: () => process.stdin.setEncoding("utf8") as AsyncIterable<string>,
  isWatched: process.stderr.isTTY,
});

void ended.then((code) => {
  // Once what was written has left for a pipe that is slow.
  process.stdout.write("", () => process.exit(code));
});
