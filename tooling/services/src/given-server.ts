import type { Server } from "./server.ts";

const defaultPorts: Record<string, number> = {
  "redis:": 6379,
  "http:": 80,
  "postgres:": 5432,
  "postgresql:": 5432,
};

/**
 * The server whose URL the environment gives under `variable`, or undefined. It belongs to somebody else: `stop`
 * leaves it alone, the others throw.
 */
export const givenServer = (variable: string): Server | undefined => {
  const url = process.env[variable];
  if (url === undefined || url === "") return undefined;
  const { port, protocol } = new URL(url);
  const refuse = (): Promise<never> =>
    Promise.reject(
      new Error(`${variable} names a server this process did not start`),
    );
  return {
    url,
    port: port === "" ? (defaultPorts[protocol] ?? 0) : Number(port),
    pid: undefined,
    kill: refuse,
    restart: refuse,
    restartEmpty: refuse,
    stop: () => Promise.resolve(),
  };
};
