import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { healthCheck } from "../../src/health/health-check.ts";
import type { HttpHealthOptions } from "../../src/health/health-options.ts";
import {
  babble,
  closeEndpoints,
  eventually,
  listen as listenRaw,
  timeoutMs,
  verdict,
  type Endpoint,
} from "./health-stage.ts";

afterEach(closeEndpoints);

/** A server that calls `treat` when it has heard the head of a request. */
const listen = async (
  treat: (socket: Socket) => void,
  host?: string,
): Promise<Endpoint & { readonly heard: string[] }> => {
  const heard: string[] = [];
  const endpoint = await listenRaw(
    (socket) => {
      let request = "";
      socket.on("data", (data) => {
        const asked = request.includes("\r\n\r\n");
        request += data.toString("latin1");
        if (asked || !request.includes("\r\n\r\n")) return;
        heard.push(request);
        treat(socket);
      });
    },
    host === undefined ? {} : { host },
  );
  return Object.assign(endpoint, { heard });
};

const answer =
  (head: string, body = "") =>
  (socket: Socket) =>
    void socket.write(`${head}\r\n\r\n${body}`);

const check = (
  port: number,
  options: HttpHealthOptions & {
    host?: string;
    within?: () => boolean;
    after?: () => boolean;
  } = {},
): Promise<boolean> => {
  const { host, within, after, ...question } = options;
  const health = healthCheck.http({ ...question, timeout: timeoutMs });
  return verdict(health, port, {
    ...(host !== undefined && { host }),
    ...(within !== undefined && { timeout: within }),
    ...(after !== undefined && { after }),
  });
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
    await endpoint.close();
    expect(await check(endpoint.port)).toBe(false);
  });

  it("fails at the timeout when the endpoint hangs, and hangs up", async () => {
    const endpoint = await listen(() => undefined);
    const within = (): boolean => endpoint.heard.length === 1;
    expect(await check(endpoint.port, { within })).toBe(false);
    await eventually(
      "the connection is closed",
      () => endpoint.sockets.size === 0,
    );
  });

  it("fails at the timeout when the head never ends", async () => {
    const endpoint = await listen(
      (socket) => void socket.write("HTTP/1.1 200 OK\r\nx-a: 1\r\n"),
    );
    const within = (): boolean => endpoint.heard.length === 1;
    expect(await check(endpoint.port, { within })).toBe(false);
    await eventually(
      "the connection is closed",
      () => endpoint.sockets.size === 0,
    );
  });

  it("fails when the head is endless", async () => {
    const endpoint = await listen((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      babble(socket, Buffer.from(`x-a: ${"a".repeat(1000)}\r\n`));
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
    let written = (): number => 0;
    const endpoint = await listen((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n");
      written = babble(socket, Buffer.alloc(65_536, "x"));
    });
    // Closed by the check itself, long before the view is disposed of.
    const after = (): boolean => endpoint.sockets.size === 0;
    expect(await check(endpoint.port, { after })).toBe(true);
    expect(written()).toBeLessThan(2000);
  });

  it("passes on the statuses asked for instead, and on no other", async () => {
    for (const [status, heard, passes] of [
      [[200, 401], "401 Unauthorized", true],
      [[200, 401], "204 No Content", false],
      [302, "302 Found", true],
      [302, "200 OK", false],
    ] as const) {
      const { port } = await listen(
        answer(`HTTP/1.1 ${heard}\r\ncontent-length: 0`),
      );
      expect(await check(port, { status })).toBe(passes);
    }
  });

  it("sends the headers asked for, another host included", async () => {
    const headers = { Host: "users.test", authorization: "Bearer x" };
    const endpoint = await listen(
      answer("HTTP/1.1 200 OK\r\ncontent-length: 0"),
    );
    expect(await check(endpoint.port, { headers })).toBe(true);
    const [heard] = endpoint.heard;
    expect(heard?.match(/host: .*/gi)).toEqual(["Host: users.test"]);
    expect(heard).toContain("authorization: Bearer x\r\n");
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

  it("refuses statuses that are none and headers that HTTP cannot carry", () => {
    for (const status of [199, 600, [200, 2.5], [Number.NaN]])
      expect(() => healthCheck.http({ status })).toThrow("status must be");
    for (const headers of [{ "a b": "c" }, { a: "b\r\nx: y" }])
      expect(() => healthCheck.http({ headers })).toThrow("headers must be");
  });
});
