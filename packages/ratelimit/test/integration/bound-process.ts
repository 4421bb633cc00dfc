import { spawn } from "node:child_process";

/** Ends with its parent, which holds the other end of its standard input. */
const script = `"$@" & server=$!; read -r line; kill -KILL "$server"; wait "$server"`;

/** Starts a program that does not outlive this process, however that ends. What is returned ends it. */
export const startBound = (
  binary: string,
  words: readonly string[],
): (() => Promise<void>) => {
  const child = spawn("/bin/sh", ["-c", script, "bound", binary, ...words], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  return async () => {
    child.stdin.end();
    await ended;
  };
};
