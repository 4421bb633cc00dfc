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
import {
  etcdRegistry,
  type EtcdRegistry,
} from "../../../src/registries/etcd/index.ts";
import { call, put, remove, uniquePrefix } from "../../raw-etcd.ts";
import { Recorder } from "../../recorder.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
import { recordText } from "../../true-history.ts";

const detectMs = 400;

let etcd: Server;
let proxy: TcpProxy;
let prefix: string;
let registry: EtcdRegistry;
let watcher: Recorder;
let errors: string[];

const write = (id: string): Promise<bigint> =>
  put(etcd.url, `${prefix}/web/${id}`, recordText("web", id, 80));

describe.skipIf(servicesSkipped)("contact with etcd", () => {
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd.stop());

  beforeEach(async () => {
    prefix = uniquePrefix();
    errors = [];
    proxy = await startTcpProxy(etcd.port);
    registry = etcdRegistry({
      endpoints: [proxy.url],
      prefix,
      detect: detectMs,
      random: () => 0.01,
      onError: (error) => errors.push(error.message),
    });
    await write("a");
    await write("b");
    watcher = new Recorder(registry, "web");
    await expect.poll(() => watcher.story).toEqual(["initial"]);
    await expect.poll(() => proxy.watches).toBe(1);
  });
  afterEach(async () => {
    await registry[Symbol.asyncDispose]();
    await proxy.close();
  });

  it("comes back after a compaction with one sync, and nobody leaves in between", async () => {
    proxy.mode = "refuse";
    proxy.cut();
    await write("c");
    await remove(etcd.url, `${prefix}/web/a`);
    const revision = await write("b");
    await call(etcd.url, "kv/compaction", { revision: String(revision) });
    proxy.mode = "pass";
    await expect
      .poll(() => watcher.story)
      .toEqual(["initial", "stale", "compacted"]);
    expect(watcher.ids).toEqual(["b", "c"]);
    await write("d");
    await expect.poll(() => watcher.ids).toEqual(["b", "c", "d"]);
    expect(watcher.removals).toEqual([]);
  });

  it("goes on where it was when only the past before its place is compacted", async () => {
    proxy.mode = "refuse";
    proxy.cut();
    await call(etcd.url, "kv/compaction", {
      revision: String(watcher.revision),
    });
    await write("c");
    proxy.mode = "pass";
    await expect
      .poll(() => watcher.story)
      .toEqual(["initial", "stale", "fresh", "delta"]);
  });

  it("is stale when connections stand and nothing comes through, and fresh when it does again", async () => {
    proxy.mode = "hold";
    await expect.poll(() => watcher.story).toEqual(["initial", "stale"]);
    await write("c");
    proxy.mode = "pass";
    await expect
      .poll(() => watcher.story)
      .toEqual(["initial", "stale", "fresh", "delta"]);
    expect(watcher.ids).toEqual(["a", "b", "c"]);
    const stale = watcher.events[1];
    expect(stale?.type === "stale" && stale.error.message).toMatch(
      /^DP_REGISTRY_TIMEOUT/,
    );
    expect(errors).not.toEqual([]);
  });

  it("notices a watch that has gone deaf although the server answers everything else", async () => {
    proxy.deafen();
    await write("c");
    await expect
      .poll(() => watcher.story)
      .toEqual(["initial", "stale", "fresh", "delta"]);
    expect(errors.join()).toMatch(/DP_WATCH_DEAF.*web/);
  });

  it("notices a deaf watch by what was deleted, too", async () => {
    proxy.deafen();
    await remove(etcd.url, `${prefix}/web/a`);
    await expect.poll(() => watcher.ids).toEqual(["b"]);
    expect(watcher.removals).toEqual(["a unknown"]);
  });

  it("stays fresh on a quiet service of a busy store", async () => {
    for (let round = 0; round < 60; round++) {
      await put(
        etcd.url,
        `${prefix}/mail/a`,
        recordText("mail", "a", round + 1),
      );
      await registry.list("web");
    }
    await expect.poll(() => registry.list("mail")).toHaveLength(1);
    expect(watcher.story).toEqual(["initial"]);
    expect(proxy.watches).toBe(1);
  });

  it("is asked by one connection for all who watch a service, and by none when nobody does", async () => {
    const others = Array.from(
      { length: 5 },
      () => new Recorder(registry, "web"),
    );
    await expect
      .poll(() => others.every(({ story }) => story.length === 1))
      .toBe(true);
    expect(proxy.watches).toBe(1);
    await Promise.all([watcher, ...others].map((each) => each.stop()));
    await registry[Symbol.asyncDispose]();
    await expect.poll(() => proxy.connections).toBe(0);
  });

  it("uses another member when one is not there", async () => {
    const other = await startTcpProxy(etcd.port);
    await using both = etcdRegistry({
      endpoints: ["http://127.0.0.1:1", proxy.url, other.url],
      prefix,
      detect: detectMs,
    });
    expect(await both.list("web")).toHaveLength(2);
    const second = new Recorder(both, "web");
    await expect.poll(() => second.story).toEqual(["initial"]);
    await using registration = await both.register({
      service: "web",
      id: "c",
      host: "10.0.0.1",
      port: 1,
    });
    await expect.poll(() => second.ids).toEqual(["a", "b", "c"]);
    await proxy.close();
    await registration.update({ weight: 2 });
    await expect.poll(() => second.story.at(-1)).toBe("delta");
    expect(other.watches).toBe(1);
    await both[Symbol.asyncDispose]();
    await other.close();
  });
});
