import type { ResolvedConfig } from "../config/resolved.ts";
import type { GatewayConfig } from "../config/types.ts";
import { ConfigError } from "../errors.ts";
import type { BoundAddress, Gateway, GatewayOptions } from "../gateway.ts";
import { describeRefusal, readFile, type ReadFile } from "./read-file.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export type RunSignal = "SIGHUP" | "SIGTERM" | "SIGINT";

/** What `run` needs of the process beyond a terminal. */
export interface RunParts {
  readonly createGateway: (
    config: GatewayConfig,
    options: GatewayOptions,
  ) => Promise<Gateway>;
  readonly onSignal: (signal: RunSignal, listener: () => void) => void;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
  /** Epoch milliseconds. */
  readonly wallNow: () => number;
}

/**
 * `dp-gateway run <file>`: serves until SIGTERM or SIGINT, then drains and gives 0; a second one ends the process at
 * once with 128 and the signal's number, as if it had not been caught. SIGHUP reloads the file; while it is refused the
 * old configuration serves on. Standard output carries JSON lines only: one an event here, and the access log.
 */
export const run = async (
  file: string,
  terminal: Terminal,
  parts: RunParts,
): Promise<ExitCode> => {
  // From here on, so that a signal while the gateway starts is not lost.
  const stopping = stopSignal(parts);
  try {
    const read = await readFile(file, terminal.env);
    const gateway = await parts.createGateway(read.config, {
      middleware: read.middleware,
    });
    await serve(file, read, gateway, stopping, terminal, parts);
    return 0;
  } catch (error) {
    terminal.error(describeRefusal(error));
    return 1;
  }
};

const serve = async (
  file: string,
  read: ReadFile,
  gateway: Gateway,
  stopping: Promise<RunSignal>,
  terminal: Terminal,
  parts: RunParts,
): Promise<void> => {
  let level = read.resolved.log.level;
  const report = (event: string, values: object): void => {
    if (isQuiet(level)) return;
    const time = new Date(parts.wallNow()).toISOString();
    terminal.out(`${JSON.stringify({ time, event, ...values })}\n`);
  };
  const reload = async (): Promise<void> => {
    try {
      const next = await readFile(file, terminal.env);
      requireSameModules(read, next);
      const diff = await gateway.apply(next.config);
      level = next.resolved.log.level;
      report("reloaded", diff);
    } catch (error) {
      terminal.error(
        `${describeRefusal(error)}not reloaded: the configuration from before serves on\n`,
      );
    }
  };
  try {
    const { http, admin } = await gateway.listen();
    report("listening", { http: urlOf(http), admin: urlOf(admin) });
  } catch (error) {
    await gateway.close();
    throw error;
  }
  // One reload after another, so that what was read last is what serves in the end.
  let reloaded = Promise.resolve();
  parts.onSignal("SIGHUP", () => {
    reloaded = reloaded.then(reload);
  });
  report("draining", { signal: await stopping });
  await gateway.drain();
  report("stopped", {});
};

const isQuiet = (level: ResolvedConfig["log"]["level"]): boolean =>
  level === "error" || level === "warn";

const signalNumbers = { SIGTERM: 15, SIGINT: 2 } as const;

/** Resolves at the first signal to stop; the second ends the process. */
const stopSignal = ({ onSignal, exit }: RunParts): Promise<RunSignal> =>
  new Promise((resolve) => {
    let stopped = false;
    for (const signal of ["SIGTERM", "SIGINT"] as const)
      onSignal(signal, () => {
        if (stopped) exit(128 + signalNumbers[signal]);
        stopped = true;
        resolve(signal);
      });
  });

const requireSameModules = (first: ReadFile, next: ReadFile): void => {
  if (next.middleware.every((each) => first.middleware.includes(each))) return;
  throw new ConfigError([
    {
      path: "modules",
      message:
        "cannot bring new middlewares while the gateway runs: start it again",
    },
  ]);
};

const urlOf = (address: BoundAddress | undefined): string | undefined =>
  address &&
  `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`;
