import { spawn } from "node:child_process";

/**
 * Reads process ids, one a line, and kills the last one with its folder removed when the pipe ends: that happens when
 * its parent died in any way, SIGKILL included. An empty line means there is nothing to kill any more.
 */
const script = `trap '' INT TERM HUP
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then kill -KILL "$pid" 2>/dev/null; fi
# A killed PostgreSQL's children need a moment to notice, and may still write.
for try in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$1" 2>/dev/null && break; sleep 0.1; done`;

export interface Watchdog {
  /** Names the process that must not outlive this one; undefined when it has ended. */
  guard(pid: number | undefined): void;
  /** Removes the folder and resolves when that is done. */
  end(): Promise<void>;
}

/** Starts a process beside this one that kills the guarded process and removes `folder` when this one is gone. */
export const startWatchdog = (folder: string): Watchdog => {
  // Its own session: a Ctrl-C for this process group must not reach it.
  const child = spawn("/bin/sh", ["-c", script, "watchdog", folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("close", () => resolve());
    child.once("error", reject);
  });
  // A watchdog that was killed from outside must not take this process with it by a failed write.
  child.stdin.on("error", () => undefined);
  child.unref();
  (child.stdin as typeof child.stdin & { unref?: () => void }).unref?.();
  return {
    guard: (pid) => void child.stdin.write(`${pid ?? ""}\n`),
    end: () => {
      child.ref();
      child.stdin.end();
      return ended;
    },
  };
};
