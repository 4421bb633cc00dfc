import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const readyLimitMs = 20_000;

/** How a process ended: its exit code, or the signal that killed it. */
export type Ending = number | NodeJS.Signals;

/** A running process of the demo that has said it is ready. */
export interface Child<Ready> {
  readonly pid: number;
  /** What it said when it was ready. */
  readonly ready: Ready;
  readonly ended: Promise<Ending>;
  /** Sends the signal, unless it has ended, and resolves when it has ended. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<Ending>;
}

/** Starts `file` (relative to this folder) and waits until it says that it is ready; rejects if it ends before that. */
export const startChild = async <Ready>(
  file: string,
  words: readonly string[],
): Promise<Child<Ready>> => {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, words, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = new Promise<Ending>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? code ?? -1));
  });
  const early = ended.then((ending) => {
    throw new Error(`${file} ended with ${ending} before it was ready`);
  });
  const late = AbortSignal.timeout(readyLimitMs);
  let ready: Ready;
  try {
    [ready] = (await Promise.race([
      once(child, "message", { signal: late }),
      early,
    ])) as [Ready];
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  early.catch(() => undefined);
  return {
    pid: child.pid ?? -1,
    ready,
    ended,
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
};
