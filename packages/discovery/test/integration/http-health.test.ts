import {
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from "node:net";
import { ManualClock } from "@dp/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { discover } from "../../src/discover.ts";
import { healthCheck } from "../../src/health/health-check.ts";
import { memoryRegistry } from "../../src/registries/memory.ts";

/** A server that treats every connection as a test says, and counts those that are open. */
interface Endpoint {
  readonly port: number;
  readonly sockets: Set<Socket>;
  readonly heard: string[];
}

const servers: { server: Server; sockets: Set<Socket> }[] = [];
afterEach(async () => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

const listen = async (
  treat: (socket: Socket, request: string) => void,
  host = "127.0.0.1",
): Promise<Endpoint> => {
  const sockets = new Set<Socket>();
  const heard: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    let request = "";
    socket.on("data", (data) => {
      const asked = request.includes("\r\n\r\n");
      request += data.toString("latin1");
      if (asked || !request.includes("\r\n\r\n")) return;
      heard.push(request);
      treat(socket, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  servers.push({ server, sockets });
  return { port: (server.address() as AddressInfo).port, sockets, heard };
};

const answer =
  (head: string, body = "") =>
  (socket: Socket) =>
    void socket.write(`${head}\r\n\r\n${body}`);

/** Lets the event loop turn until `condition` holds; gives up after ten seconds, far more than loopback needs. */
const eventually = async (what: string, condition: () => boolean) => {
  const giveUpAt = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
};

/**
 * Whether a check of this port passed. The clock stands still until `timeout` says it shall not, and the view stays
 * open until `after` holds.
 */
const check = async (
  port: number,
  options: {
    path?: string;
    host?: string;
    timeout?: () => boolean;
    after?: () => boolean;
  } = {},
): Promise<boolean> => {
  const clock = new ManualClock();
  const registry = memoryRegistry({ clock });
  const host = options.host ?? "127.0.0.1";
  await registry.register({ service: "web", host, port, ttl: Infinity });
  const health = healthCheck.http({ path: options.path, timeout: 1000 });
  const view = discover(registry, "web", { clock, health, panicThreshold: 0 });
  await clock.advance(0);
  const standing = () => view.explain().instances[0]?.standing;
  if (options.timeout !== undefined) {
    await eventually("the check is under way", options.timeout);
    await clock.advance(999);
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

describe("an HTTP health check", () => {
  it("asks for the path and passes on any status from 200 to 299", async () => {
    for (const status of ["200 OK", "204 No Content", "299 Whatever"]) {
      const endpoint = await listen(
        answer(`HTTP/1.1 ${status}\r\ncontent-length: 0`),
      );
      expect(await check(endpoint.port, { path: "/up?deep=1" })).toBe(true);
      expect(endpoint.heard[0]).toMatch(/^GET \/up\?deep=1 HTTP\/1\.1\r\n/);
      expect(endpoint.heard[0]?.toLowerCase()).toContain(
        `host: 127.0.0.1:${endpoint.port}\r\n`,
      );
      await eventually(
        "the connection is closed",
        () => endpoint.sockets.size === 0,
      );
    }
  });

  it("fails on any other status", async () => {
    for (const status of [
      "301 Moved",
      "404 Not Found",
      "500 Oops",
      "503 Busy",
    ]) {
      const { port } = await listen(
        answer(`HTTP/1.1 ${status}\r\nlocation: /\r\ncontent-length: 0`),
      );
      expect(await check(port)).toBe(false);
    }
  });

  it("fails when nobody listens", async () => {
    const endpoint = await listen(() => undefined);
    const { server } = servers.pop()!;
    await new Promise((resolve) => server.close(resolve));
    expect(await check(endpoint.port)).toBe(false);
  });

  it("fails at the timeout when the endpoint hangs, and hangs up", async () => {
    const endpoint = await listen(() => undefined);
    const timeout = (): boolean => endpoint.heard.length === 1;
    expect(await check(endpoint.port, { timeout })).toBe(false);
    await eventually(
      "the connection is closed",
      () => endpoint.sockets.size === 0,
    );
  });

  it("fails at the timeout when the head never ends", async () => {
    const endpoint = await listen(
      (socket) => void socket.write("HTTP/1.1 200 OK\r\nx-a: 1\r\n"),
    );
    const timeout = (): boolean => endpoint.heard.length === 1;
    expect(await check(endpoint.port, { timeout })).toBe(false);
    await eventually(
      "the connection is closed",
      () => endpoint.sockets.size === 0,
    );
  });

  it("fails when the head is endless", async () => {
    const endpoint = await listen((socket) => {
      const line = `x-a: ${"a".repeat(1000)}\r\n`;
      const more = (): void => {
        while (!socket.destroyed && socket.write(line));
        if (!socket.destroyed) socket.once("drain", more);
      };
      socket.write("HTTP/1.1 200 OK\r\n");
      more();
    });
    expect(await check(endpoint.port)).toBe(false);
    await eventually(
      "the connection is closed",
      () => endpoint.sockets.size === 0,
    );
  });

  it("fails on rubbish, on silence and on a switch of protocols", async () => {
    for (const said of ["SSH-2.0-OpenSSH_9.6\r\n\r\n", "\0\0\0\0"]) {
      const { port } = await listen((socket) => socket.end(said));
      expect(await check(port)).toBe(false);
    }
    const silent = await listen((socket) => socket.end());
    expect(await check(silent.port)).toBe(false);
    const switching = await listen(
      answer(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x",
      ),
    );
    expect(await check(switching.port)).toBe(false);
    await eventually(
      "the connection is closed",
      () => switching.sockets.size === 0,
    );
  });

  it("passes on the head alone: a body that never ends is not read", async () => {
    let written = 0;
    const endpoint = await listen((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n");
      const more = (): void => {
        while (!socket.destroyed && socket.write("x".repeat(65_536))) written++;
        if (!socket.destroyed) socket.once("drain", more);
      };
      more();
    });
    // Closed by the check itself, long before the view is disposed of.
    const after = (): boolean => endpoint.sockets.size === 0;
    expect(await check(endpoint.port, { after })).toBe(true);
    expect(written).toBeLessThan(2000);
  });

  it("passes after informational answers", async () => {
    const { port } = await listen(
      answer(
        "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0",
      ),
    );
    expect(await check(port)).toBe(true);
  });

  it("reaches IPv6 addresses", async () => {
    const endpoint = await listen(
      answer("HTTP/1.1 200 OK\r\ncontent-length: 0"),
      "::1",
    );
    expect(await check(endpoint.port, { host: "::1" })).toBe(true);
    expect(endpoint.heard[0]?.toLowerCase()).toContain(
      `host: [::1]:${endpoint.port}\r\n`,
    );
  });

  it("refuses paths that no request can carry, and zero times", () => {
    for (const path of ["", "healthz", "/a b", "/ä", "/a\r\nx: y"])
      expect(() => healthCheck.http({ path })).toThrow("path must be");
    expect(() => healthCheck.http({ interval: 0 })).toThrow("interval must be");
    expect(() => healthCheck.http({ timeout: 0 })).toThrow("timeout must be");
    expect(() => healthCheck.http({ rise: 0 })).toThrow("rise must be");
    expect(() => healthCheck.http({ fall: 1.5 })).toThrow("fall must be");
  });
});
