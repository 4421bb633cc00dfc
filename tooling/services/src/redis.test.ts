import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { servicesSkipped } from "./binaries.ts";
import { startRedis } from "./redis.ts";
import type { Server } from "./server.ts";
import { isAlive } from "./testing/processes.ts";

/** The reply to one inline command. */
const ask = (port: number, command: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(`${command}\r\n`),
    );
    socket.once("error", reject);
    socket.once("data", (reply) => {
      socket.destroy();
      resolve(reply.toString());
    });
  });

describe.skipIf(servicesSkipped)("startRedis", () => {
  let redis: Server;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it("answers on its own port", async () => {
    expect(redis.port).not.toBe(6379);
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`);
    expect(await ask(redis.port, "PING")).toBe("+PONG\r\n");
  });

  it("keeps acknowledged writes over a kill -9 and comes back on the same port", async () => {
    const { pid, port } = redis;
    expect(await ask(port, "SET kept yes")).toBe("+OK\r\n");
    await redis.kill();
    expect(isAlive(pid!)).toBe(false);
    expect(redis.pid).toBeUndefined();
    await expect(ask(port, "PING")).rejects.toThrow("ECONNREFUSED");
    await redis.restart();
    expect(redis.port).toBe(port);
    expect(redis.pid).not.toBe(pid);
    expect(await ask(port, "GET kept")).toBe("$3\r\nyes\r\n");
  });

  it("restarts while it runs", async () => {
    const { pid } = redis;
    await redis.restart();
    expect(redis.pid).not.toBe(pid);
    expect(await ask(redis.port, "GET kept")).toBe("$3\r\nyes\r\n");
  });
});
