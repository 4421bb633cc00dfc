import {
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from "node:net";
import { ManualClock } from "@dp/core/testing";
import { expect } from "vitest";
import { discover } from "../../src/discover.ts";
import type { HealthCheck } from "../../src/health/check.ts";
import { memoryRegistry } from "../../src/registries/memory.ts";

/** A server that treats every connection as a test says. */
export interface Endpoint {
  readonly port: number;
  /** Those that are open. */
  readonly sockets: Set<Socket>;
  /** How many there have been. */
  readonly connections: number;
  close(): Promise<void>;
}

const endpoints: Endpoint[] = [];

/** For `afterEach`: ends what a test has left. */
export const closeEndpoints = async (): Promise<void> => {
  for (const endpoint of endpoints.splice(0)) await endpoint.close();
};

/** Listens with any server of Node's on a free port. */
export const serve = async (
  server: Server,
  host: string = "127.0.0.1",
): Promise<Endpoint> => {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint: Endpoint = {
    port,
    sockets,
    get connections() {
      return connections;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  endpoints.push(endpoint);
  return endpoint;
};

/** A server that calls `treat` with every connection, and reads what comes: else it would not hear of the end. */
export const listen = (
  treat: (socket: Socket) => void,
  options: { host?: string; allowHalfOpen?: boolean } = {},
): Promise<Endpoint> => {
  const { allowHalfOpen = false } = options;
  const server = createServer({ allowHalfOpen }, (socket) => {
    treat(socket);
    socket.resume();
  });
  return serve(server, options.host);
};

/** Writes the same for as long as the other end takes it; how many times that was. */
export const babble = (socket: Socket, said: Buffer): (() => number) => {
  let written = 0;
  const more = (): void => {
    while (!socket.destroyed && socket.write(said)) written++;
    if (!socket.destroyed) socket.once("drain", more);
  };
  more();
  return () => written;
};

/** Lets the event loop turn until `condition` holds; gives up after twenty seconds, far more than loopback needs. */
export const eventually = async (
  what: string,
  condition: () => boolean,
): Promise<void> => {
  const giveUpAt = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
};

/** How long the checks made by `verdict` must be given; its clock stands still but for `timeout`. */
export const timeoutMs = 1000;

/**
 * Whether a check of this port passed. The clock stands still until `timeout` says it shall not, and the view stays
 * open until `after` holds.
 */
export const verdict = async (
  health: HealthCheck,
  port: number,
  options: {
    host?: string;
    timeout?: () => boolean;
    after?: () => boolean;
  } = {},
): Promise<boolean> => {
  const clock = new ManualClock();
  const registry = memoryRegistry({ clock });
  const host = options.host ?? "127.0.0.1";
  await registry.register({ service: "web", host, port, ttl: Infinity });
  const view = discover(registry, "web", {
    clock,
    health,
    panicThreshold: 0,
    // The second check is not due before the first interval is over.
    random: () => 0,
  });
  await clock.advance(0);
  const standing = () => view.explain().instances[0]?.standing;
  if (options.timeout !== undefined) {
    await eventually("the check is under way", options.timeout);
    await clock.advance(timeoutMs - 1);
    expect(standing()).toBe("pending");
    await clock.advance(1);
  }
  await eventually("a verdict", () => standing() !== "pending");
  const healthy = standing() === "ready";
  if (options.after !== undefined)
    await eventually("what shall follow the verdict", options.after);
  await view[Symbol.asyncDispose]();
  expect(clock.pending).toBe(0);
  return healthy;
};
