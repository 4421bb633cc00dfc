#!/usr/bin/env node
import { systemClock } from "@dp/core";
import { dispatch } from "./dispatch.ts";

const ended = dispatch(
  process.argv.slice(2),
  {
    env: process.env,
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
  },
  {
    // Only `run` needs the data plane; the other commands start faster without.
    createGateway: async (config, options) => {
      const { createGateway } = await import("../gateway.ts");
      return createGateway(config, options);
    },
    onSignal: (signal, listener) => void process.on(signal, listener),
    exit: (code) => process.exit(code),
    wallNow: () => systemClock.wallNow(),
  },
);

// A reader that has gone away ends neither the gateway nor, with a trace, `check`.
process.stdout.on("error", () => undefined);

void ended.then((code) => {
  // Once what was written has left for a pipe that is slow.
  process.stdout.write("", () => process.exit(code));
});
