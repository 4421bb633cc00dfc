import { systemClock } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { servicesSkipped, startEtcd, type Server } from "@dp/services";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from "vitest";
import { discover } from "../../../src/discover.ts";
import {
  etcdRegistry,
  type EtcdRegistry,
} from "../../../src/registries/etcd/index.ts";
import { get, put, remove, uniquePrefix } from "../../raw-etcd.ts";
import { Recorder } from "../../recorder.ts";
import { startTcpProxy } from "./tcp-proxy.ts";
import { recordText } from "../../true-history.ts";

const detectMs = 500;

let etcd: Server;
let prefix: string;
let registry: EtcdRegistry;
let watcher: Recorder;

const write = (id: string, service: string = "web"): Promise<bigint> =>
  put(etcd.url, `${prefix}/${service}/${id}`, recordText(service, id, 80));

describe.skipIf(servicesSkipped)("an etcd that fails", () => {
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd.stop());

  beforeEach(async () => {
    prefix = uniquePrefix();
    registry = etcdRegistry({
      endpoints: [etcd.url],
      prefix,
      detect: detectMs,
      random: () => 0.01,
    });
    await write("a");
    await write("b");
    watcher = new Recorder(registry, "web");
    await expect.poll(() => watcher.story).toEqual(["initial"]);
  });
  afterEach(() => registry[Symbol.asyncDispose]());

  it("is followed on without a gap after kill -9 and a restart", async () => {
    await write("c");
    await etcd.kill();
    await expect.poll(() => watcher.story.at(-1)).toBe("stale");
    await etcd.restart();
    await write("d");
    await expect.poll(() => watcher.ids).toEqual(["a", "b", "c", "d"]);
    expect(watcher.story).toEqual([
      "initial",
      "delta",
      "stale",
      "fresh",
      "delta",
    ]);
  });

  it("keeps the registrations that it comes back with, and they renew as if nothing was", async () => {
    const kept = await registry.register({
      service: "web",
      id: "kept",
      host: "h",
      port: 1,
      ttl: 1000,
    });
    const { revision } = kept.instance;
    await etcd.kill();
    await expect.poll(() => kept.status).toBe("uncertain");
    await etcd.restart();
    await expect.poll(() => kept.status).toBe("active");
    const stored = await get(etcd.url, `${prefix}/web/kept`);
    expect(BigInt(stored!.mod_revision)).toBeGreaterThanOrEqual(revision);
    expect(watcher.ids).toEqual(["a", "b", "kept"]);
    expect(watcher.story).not.toContain("store-reset");
  });

  it("is noticed when it is stopped without a word, and again when it goes on", async () => {
    const { pid } = etcd;
    process.kill(pid!, "SIGSTOP");
    try {
      const before = systemClock.now();
      await expect.poll(() => watcher.story).toEqual(["initial", "stale"]);
      const stale = watcher.events[1];
      expect(stale?.type === "stale" && stale.sinceMs).toBeLessThanOrEqual(
        before + detectMs,
      );
      await expect(registry.list("web")).rejects.toThrow("DP_REGISTRY_TIMEOUT");
    } finally {
      process.kill(pid!, "SIGCONT");
    }
    await write("c");
    await expect.poll(() => watcher.ids).toEqual(["a", "b", "c"]);
    expect(watcher.story).toEqual(["initial", "stale", "fresh", "delta"]);
  });

  it("is known to have started over when it comes back empty", async () => {
    await etcd.restartEmpty();
    await expect
      .poll(() => watcher.story)
      .toEqual(["initial", "stale", "store-reset"]);
    expect(watcher.ids).toEqual([]);
    await write("c");
    await expect.poll(() => watcher.ids).toEqual(["c"]);
  });

  it("is known to have started over although it has grown past the place of the watch since", async () => {
    const proxy = await startTcpProxy(etcd.port);
    await using far = etcdRegistry({
      endpoints: [proxy.url],
      prefix,
      detect: detectMs,
      random: () => 0.01,
    });
    const late = new Recorder(far, "web");
    await expect.poll(() => late.story).toEqual(["initial"]);
    const place = late.revision;
    proxy.mode = "refuse";
    proxy.cut();
    await etcd.restartEmpty();
    // The same keys as before, and the same ids of the cluster.
    await write("a");
    while ((await write("b")) <= place + 10n);
    expect(late.story).toEqual(["initial", "stale"]);
    proxy.mode = "pass";
    await expect
      .poll(() => late.story)
      .toEqual(["initial", "stale", "store-reset"]);
    await write("c");
    await expect.poll(() => late.ids).toEqual(["a", "b", "c"]);
    await far[Symbol.asyncDispose]();
    await proxy.close();
  });

  it("costs a view no pick in a minute of outage, and the view is fresh soon after", async () => {
    const clock = new ManualClock();
    await using view = discover(registry, "web", { clock });
    await view.ready({ minimum: 2 });
    await etcd.kill();
    await expect.poll(() => view.snapshot.stale).toBe(true);
    const picked = new Set<string>();
    for (let second = 0; second < 60; second++) {
      await clock.advance(1000);
      for (let pick = 0; pick < 10; pick++) {
        using lease = view.pick();
        picked.add(lease.instance.id);
        lease.success(1);
      }
    }
    expect([...picked].sort()).toEqual(["a", "b"]);
    expect(view.snapshot.ageMs).toBeGreaterThanOrEqual(60_000);
    await etcd.restart();
    await expect.poll(() => view.snapshot.stale).toBe(false);
    await remove(etcd.url, `${prefix}/web/a`);
    await expect
      .poll(() => view.snapshot.instances.map(({ id }) => id))
      .toEqual(["b"]);
  });
});
