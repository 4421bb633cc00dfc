import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { makeDataFolder } from "./data-folder.ts";
import { freePort } from "./port.ts";
import { startWatchdog } from "./watchdog.ts";
import { waitUntil } from "./wait-until.ts";

/** A real server for tests, the demo and benchmarks. */
export interface Server {
  /** Where clients connect. The same after every restart. */
  readonly url: string;
  readonly port: number;
  /** The server's own process; undefined while it is down, and always for a server given by the environment. */
  readonly pid: number | undefined;
  /** Sends `signal` to the process by its id and resolves when it has ended. @defaultValue "SIGKILL" */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends the process if it still runs and starts it again on the same port and data folder; resolves when it answers. */
  restart(): Promise<void>;
  /** Like `restart`, without any of its data: a server whose disk was lost. */
  restartEmpty(): Promise<void>;
  /** Ends the process and removes its data. Harmless when repeated. */
  stop(): Promise<void>;
}

export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** What tells one server program from another. */
export interface ServerProgram {
  readonly name: string;
  readonly binary: string;
  /** The unprivileged user that owns the process and its data; this process's own when undefined. */
  readonly user?: ServerUser | undefined;
  /** Prepares the empty data folder. */
  readonly prepare?: (folder: string) => Promise<void>;
  readonly commandLine: (port: number, folder: string) => readonly string[];
  readonly url: (port: number) => string;
  /** Asks for a quick, orderly end. @defaultValue "SIGTERM" */
  readonly stopSignal?: NodeJS.Signals;
  /** For tests that are not about disks. @defaultValue false */
  readonly keepsDataInMemory?: boolean;
  /** True when the server answers a request of its protocol. */
  readonly answers: (port: number) => Promise<boolean>;
}

const startLimitMs = 30_000;
const stopLimitMs = 10_000;
const startTries = 5;
const betweenTriesMs = 100;

const running = (child: ChildProcess | undefined): child is ChildProcess =>
  child !== undefined && child.exitCode === null && child.signalCode === null;

/** Starts a server on a free port with a data folder of its own; neither outlives this process, however it ends. */
export const startServer = async (program: ServerProgram): Promise<Server> => {
  const { name, user, stopSignal = "SIGTERM" } = program;
  const folder = makeDataFolder(name, program.keepsDataInMemory === true);
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const watchdog = startWatchdog(folder);
  let child: ChildProcess | undefined;
  let port = await freePort();
  let stopped = false;

  const launch = async (): Promise<void> => {
    let output = "";
    const process = spawn(program.binary, program.commandLine(port, folder), {
      cwd: folder,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      ...user,
    });
    child = process;
    watchdog.guard(process.pid);
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-4_000);
    };
    let failure: Error | undefined;
    for (const stream of [process.stdout, process.stderr]) {
      stream.on("data", keep);
      (stream as typeof stream & { unref?: () => void }).unref?.();
    }
    process.on("error", (error) => (failure = error));
    process.on("exit", () => {
      if (child === process) watchdog.guard(undefined);
    });
    process.unref();
    await waitUntil(`${name} on port ${port} answering`, startLimitMs, () => {
      if (failure !== undefined || !running(process))
        throw new Error(`${name} ended while starting:\n${output}`, {
          cause: failure,
        });
      return program.answers(port);
    });
  };

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const process = child;
    if (!running(process)) return;
    const exited = new Promise<true>((resolve) => {
      process.once("exit", () => resolve(true));
    });
    process.ref();
    process.kill(signal);
    const timer = setTimeout(() => process.kill("SIGKILL"), stopLimitMs);
    await exited;
    clearTimeout(timer);
  };

  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    await end(stopSignal);
    await watchdog.end();
  };

  /** Tries again, because somebody may have taken the port meanwhile, or a killed predecessor may not be quite gone. */
  const launchStubbornly = async (
    nextPort: () => Promise<number>,
  ): Promise<void> => {
    for (let left = startTries - 1; ; left--) {
      try {
        await launch();
        return;
      } catch (error) {
        await end("SIGKILL");
        if (left === 0) throw error;
        await delay(betweenTriesMs);
        port = await nextPort();
      }
    }
  };

  const restart = async (between?: () => Promise<void>): Promise<void> => {
    if (stopped)
      throw new Error(`${name} was stopped: its data is gone. Start another`);
    await end(stopSignal);
    await between?.();
    await launchStubbornly(() => Promise.resolve(port));
  };

  try {
    await program.prepare?.(folder);
    await launchStubbornly(freePort);
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    get url() {
      return program.url(port);
    },
    get port() {
      return port;
    },
    get pid() {
      return running(child) ? child.pid : undefined;
    },
    kill: (signal = "SIGKILL") => end(signal),
    restart: () => restart(),
    restartEmpty: () =>
      restart(async () => {
        for (const entry of readdirSync(folder))
          rmSync(join(folder, entry), { recursive: true });
        await program.prepare?.(folder);
      }),
    stop,
  };
};
