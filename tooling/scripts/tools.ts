import { delimiter, join } from "node:path";
import { root } from "./workspace.ts";

const bin = join(root, "node_modules/.bin");

/** A tool of this repository, by its command's name. */
export const toolFile = (name: string): string => join(bin, name);

/** The environment for tools: this repository's Node and commands come first. */
export const toolEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}`,
  ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }),
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
};
