import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@dp/core/testing";
import { servicesSkipped, startDnsmasq, type Server } from "@dp/services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dnsRegistry } from "../../src/registries/dns.ts";
import { passUntil } from "../passing-time.ts";
import { watchService } from "../watcher.ts";

describe.skipIf(servicesSkipped)("a real name server", () => {
  const folder = mkdtempSync(join(tmpdir(), "dp-dns-"));
  const hosts = join(folder, "hosts");
  let server: Server;

  beforeAll(async () => {
    writeFileSync(hosts, "10.0.0.1 web.test\nfd00::1 web.test\n");
    server = await startDnsmasq(hosts, [
      "--local=/test/",
      "--srv-host=_api._tcp.test,one.test,8081,0,10",
      "--srv-host=_api._tcp.test,two.test,8082,5,0",
    ]);
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  const servers = (): string[] => [`127.0.0.1:${server.port}`];

  it("tells of services with ports, priorities and weights, and of names that are not", async () => {
    await using registry = dnsRegistry({ servers: servers() });
    expect(await registry.list("_api._tcp.test")).toEqual([
      expect.objectContaining({
        id: "one.test:8081",
        priority: 0,
        weight: 10,
      }),
      expect.objectContaining({
        id: "two.test:8082",
        priority: 5,
        weight: 0.01,
      }),
    ]);
    expect(await registry.list("_other._tcp.test")).toEqual([]);
    expect(await registry.list("web.test")).toEqual([]);
  });

  it("is heard when its addresses change", async () => {
    const clock = new ManualClock();
    await using registry = dnsRegistry({
      servers: servers(),
      type: "A",
      port: 8080,
      timeout: "1h",
      clock,
    });
    const watcher = watchService(registry, "web.test");
    await passUntil(clock, 500, () => watcher.events.length === 1);
    writeFileSync(hosts, "10.0.0.2 web.test\nfd00::1 web.test\n");
    process.kill(server.pid!, "SIGHUP");
    await passUntil(clock, 500, () => watcher.events.length === 2);
    expect(watcher.told).toEqual([
      "sync initial 10.0.0.1:8080 [fd00::1]:8080",
      "delta -10.0.0.1:8080 +10.0.0.2:8080",
    ]);
  });
});
