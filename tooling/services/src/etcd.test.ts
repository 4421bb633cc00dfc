import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { servicesSkipped } from "./binaries.ts";
import { startEtcd } from "./etcd.ts";
import type { Server } from "./server.ts";
import { isAlive } from "./testing/processes.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

const call = async (
  server: Server,
  method: string,
  body: object,
): Promise<{ readonly kvs?: readonly { readonly value: string }[] }> => {
  const response = await fetch(`${server.url}/v3/kv/${method}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Awaited<ReturnType<typeof call>>;
};

describe.skipIf(servicesSkipped)("startEtcd", () => {
  let etcd: Server;
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd.stop());

  it("is a version 3.4 or newer", async () => {
    const response = await fetch(`${etcd.url}/version`);
    const { etcdserver } = (await response.json()) as { etcdserver: string };
    expect(etcdserver).toMatch(/^3\.([4-9]|\d\d)\./);
  });

  it("keeps acknowledged writes over a kill -9 and comes back on the same port", async () => {
    const { pid, port } = etcd;
    await call(etcd, "put", { key: base64("kept"), value: base64("yes") });
    await etcd.kill();
    expect(isAlive(pid!)).toBe(false);
    await etcd.restart();
    expect(etcd.port).toBe(port);
    const { kvs } = await call(etcd, "range", { key: base64("kept") });
    expect(kvs?.[0]?.value).toBe(base64("yes"));
  });

  it("comes back on the same port without its data when asked to", async () => {
    const { port } = etcd;
    await call(etcd, "put", { key: base64("lost"), value: base64("yes") });
    await etcd.restartEmpty();
    expect(etcd.port).toBe(port);
    const { kvs } = await call(etcd, "range", { key: base64("lost") });
    expect(kvs).toBeUndefined();
  });
});
