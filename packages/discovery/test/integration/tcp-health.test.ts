import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { healthCheck } from "../../src/health/health-check.ts";
import {
  babble,
  closeEndpoints,
  eventually,
  listen,
  timeoutMs,
  verdict,
  type Endpoint,
} from "./health-stage.ts";

afterEach(closeEndpoints);

const health = healthCheck.tcp({ timeout: timeoutMs });

/** Healthy, and the connection closed by the check itself while the view is still open. */
const expectHealthy = async (
  endpoint: Endpoint,
  host?: string,
): Promise<void> => {
  const after = (): boolean =>
    endpoint.connections === 1 && endpoint.sockets.size === 0;
  const where = host === undefined ? {} : { host };
  expect(await verdict(health, endpoint.port, { after, ...where })).toBe(true);
};

describe("a TCP health check", () => {
  it("passes when a connection is made, sends nothing and hangs up", async () => {
    let heard = 0;
    await expectHealthy(
      await listen((socket) => void socket.on("data", () => heard++)),
    );
    expect(heard).toBe(0);
  });

  it("passes whatever the other end does with the connection", async () => {
    const ways: ((socket: Socket) => unknown)[] = [
      (socket) => socket.end(),
      (socket) => socket.destroy(),
      (socket) => babble(socket, Buffer.alloc(65_536, "x")),
    ];
    for (const way of ways) await expectHealthy(await listen(way));
  });

  it("lets go of a connection that the other end keeps half open", async () => {
    let ended = 0;
    const endpoint = await listen(
      (socket) => void socket.on("end", () => ended++),
      { allowHalfOpen: true },
    );
    const after = (): boolean => ended === 1;
    expect(await verdict(health, endpoint.port, { after })).toBe(true);
  });

  it("fails when nobody listens", async () => {
    const endpoint = await listen(() => undefined);
    await endpoint.close();
    expect(await verdict(health, endpoint.port)).toBe(false);
  });

  it("fails when the host has no address", async () => {
    expect(await verdict(health, 80, { host: "nobody.invalid" })).toBe(false);
  });

  it("reaches IPv6 addresses and names", async () => {
    await expectHealthy(await listen(() => undefined, { host: "::1" }), "::1");
    await expectHealthy(await listen(() => undefined), "localhost");
  });

  it("leaves nothing of a check that is no longer wanted", async () => {
    const endpoint = await listen(() => undefined);
    const abort = new AbortController();
    const instance = { host: "127.0.0.1", port: endpoint.port } as never;
    const checked = health.check(instance, abort.signal);
    abort.abort(new Error("enough"));
    await expect(checked).rejects.toThrow("aborted");
    await eventually("nothing is open", () => endpoint.sockets.size === 0);
  });

  it("refuses bad times", () => {
    expect(() => healthCheck.tcp({ interval: 0 })).toThrow("interval must be");
    expect(() => healthCheck.tcp({ timeout: -1 })).toThrow("timeout must be");
  });
});
