import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { requireProgram } from "./binaries.ts";
import { processTree } from "./cpu.ts";

/** The proxy has a core for itself; load generator and upstream share the other one. */
export const cores = { proxy: 0, load: 1 };

export interface Start {
  /** Names the files of its output. */
  readonly name: string;
  readonly core: keyof typeof cores;
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** A started process. Its output goes to files, so that nobody has to read along on a busy core. */
export interface Running {
  readonly name: string;
  readonly pid: number;
  readonly outputFile: string;
  readonly errorFile: string;
  readonly exited: Promise<unknown>;
  hasExited(): boolean;
  /** Asks the process to end, kills it and all below it if it does not, and waits until it is gone. */
  stop(): Promise<void>;
}

const killTree = (root: number): void => {
  for (const { pid } of processTree(root))
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself in between.
    }
};

const stopLimitMs = 1000;

/** Everything that a benchmark has started, so that nothing outlives it. */
export class Processes {
  readonly #folder: string;
  readonly #running = new Set<Running>();
  #started = 0;

  /** Output files go into `folder`, which must exist. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  start({ name, core, command, env }: Start): Running {
    this.#started += 1;
    const base = join(this.#folder, `${this.#started}-${name}`);
    const outputFile = `${base}.out`;
    const errorFile = `${base}.err`;
    // Appending, so that a log can be cut while it is written to.
    const output = openSync(outputFile, "a");
    const errors = openSync(errorFile, "a");
    // taskset replaces itself by the program: the child's pid is the program's.
    const child = spawn(
      requireProgram("taskset"),
      ["-c", String(cores[core]), ...command],
      {
        cwd: this.#folder,
        env: {
          ...process.env,
          NODE_ENV: "production",
          NODE_OPTIONS: "",
          ...env,
        },
        stdio: ["ignore", output, errors],
      },
    );
    closeSync(output);
    closeSync(errors);
    const { pid } = child;
    if (pid === undefined) throw new Error(`${name} could not be started`);
    const exited = once(child, "exit");
    const hasExited = () =>
      child.exitCode !== null || child.signalCode !== null;
    const running: Running = {
      name,
      pid,
      outputFile,
      errorFile,
      exited,
      hasExited,
      stop: async () => {
        if (!hasExited()) process.kill(pid, "SIGTERM");
        await Promise.race([exited, sleep(stopLimitMs, null, { ref: false })]);
        if (!hasExited()) killTree(pid);
        await exited;
      },
    };
    this.#running.add(running);
    void exited.then(() => this.#running.delete(running));
    return running;
  }

  /** Stops everything that still runs. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map((running) => running.stop()));
  }

  /** Kills everything that still runs, at once: for the last moment of this process. */
  killAll(): void {
    for (const { pid } of this.#running) killTree(pid);
  }
}

const accepts = async (port: number): Promise<boolean> => {
  const socket = connect({ port, host: "127.0.0.1" });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

const startLimitMs = 15_000;

/** Resolves when `running` accepts connections on `port`; throws with its last words when it ends before, or is too slow. */
export const waitForPort = async (
  running: Running,
  port: number,
): Promise<void> => {
  const giveUpAt = performance.now() + startLimitMs;
  while (!(await accepts(port))) {
    const late = performance.now() > giveUpAt;
    if (!running.hasExited() && !late) {
      await sleep(20);
      continue;
    }
    const words = readFileSync(running.errorFile, "utf8").trim().slice(-2000);
    throw new Error(
      `${running.name} ${late ? `did not listen within ${startLimitMs} ms` : "ended while starting"}${words === "" ? "" : `: ${words}`}`,
    );
  }
};
