import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { systemClock } from "@dp/core";
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
import { uniquePrefix } from "../../raw-etcd.ts";
import { Recorder } from "../../recorder.ts";

/** etcd looks for leases that ran out so often. */
const sweepMs = 500;
/** A machine with other things to do. */
const slackMs = 1_000;

let etcd: Server;
let prefix: string;
let registry: EtcdRegistry;
let watcher: Recorder;
const children: ChildProcess[] = [];

/** A process that has registered `id`, and the ttl it was granted. */
const startProvider = async (
  id: string,
): Promise<{ child: ChildProcess; ttlMs: number }> => {
  const program = join(import.meta.dirname, "provider.ts");
  const words = ["--conditions=@dp/source", program, etcd.url, prefix, id];
  const child = spawn(process.execPath, words, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout }))
    return {
      child,
      ttlMs: (JSON.parse(line) as { grantedTtlMs: number }).grantedTtlMs,
    };
  throw new Error("the provider ended without registering");
};

describe.skipIf(servicesSkipped)("a process that is registered in etcd", () => {
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd.stop());

  beforeEach(async () => {
    prefix = uniquePrefix();
    registry = etcdRegistry({ endpoints: [etcd.url], prefix });
    watcher = new Recorder(registry, "web");
    await expect.poll(() => watcher.story).toEqual(["initial"]);
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await registry[Symbol.asyncDispose]();
  });

  it("is gone when its ttl is over after kill -9, told as expired", async () => {
    const { child, ttlMs } = await startProvider("dead");
    await expect.poll(() => watcher.ids).toEqual(["dead"]);
    const killedMs = systemClock.now();
    child.kill("SIGKILL");
    await expect.poll(() => watcher.ids, { interval: 20 }).toEqual([]);
    expect(systemClock.now() - killedMs).toBeLessThan(
      ttlMs + sweepMs + slackMs,
    );
    expect(watcher.removals).toEqual(["dead expired"]);
  });

  it("is gone at once when it ends in order, told as deregistered, and nothing keeps it running", async () => {
    const { child } = await startProvider("polite");
    await expect.poll(() => watcher.ids).toEqual(["polite"]);
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
    await expect.poll(() => watcher.removals).toEqual(["polite deregistered"]);
  });

  it("that stood still for longer than its ttl never writes over its successor", async () => {
    const { child } = await startProvider("a");
    await expect.poll(() => watcher.ids).toEqual(["a"]);
    child.kill("SIGSTOP");
    await expect.poll(() => watcher.removals).toEqual(["a expired"]);
    const successor = await registry.register({
      service: "web",
      id: "a",
      host: "10.0.0.2",
      port: 81,
    });
    child.kill("SIGCONT");
    const until = systemClock.now() + 3_000;
    await expect.poll(() => systemClock.now() > until).toBe(true);
    expect(await registry.list("web")).toEqual([successor.instance]);
    expect(watcher.story).toEqual(["initial", "delta", "delta", "delta"]);
  });
});
