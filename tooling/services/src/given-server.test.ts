import { afterEach, describe, expect, it, vi } from "vitest";
import { startEtcd } from "./etcd.ts";
import { startPostgres } from "./postgres.ts";
import { startRedis } from "./redis.ts";

afterEach(() => vi.unstubAllEnvs());

describe("a server named by the environment", () => {
  it.each([
    ["DP_REDIS_URL", "redis://cache.test:7000", startRedis, 7000],
    ["DP_REDIS_URL", "redis://cache.test", startRedis, 6379],
    ["DP_ETCD_URL", "http://etcd.test:2379", startEtcd, 2379],
    ["DP_POSTGRES_URL", "postgres://me@db.test/x", startPostgres, 5432],
  ] as const)("is used as %s=%s", async (variable, url, start, port) => {
    vi.stubEnv(variable, url);
    const server = await start();
    expect(server).toMatchObject({ url, port, pid: undefined });
  });

  it("is not ours to kill or restart, and outlives stop", async () => {
    vi.stubEnv("DP_REDIS_URL", "redis://cache.test:7000");
    const server = await startRedis();
    await expect(server.kill()).rejects.toThrow("DP_REDIS_URL");
    await expect(server.restart()).rejects.toThrow("DP_REDIS_URL");
    await expect(server.restartEmpty()).rejects.toThrow("DP_REDIS_URL");
    await server.stop();
  });
});
