import { InvalidOptionError } from "@dp/core";
import { describe, expect, it } from "vitest";
import type { WatchEvent } from "../../src/index.ts";
import { consulRegistry } from "../../src/registries/consul/index.ts";
import { ConsulScene, web } from "./consul-scene.ts";

const types = (events: WatchEvent<unknown>[]): string[] =>
  events.map(({ type }) => type);

const foreign = (more: object = {}) => ({
  ID: "legacy-1",
  Name: "web",
  Address: "10.0.0.7",
  Port: 9000,
  ...more,
});

describe("a watch in Consul", () => {
  it("waits in one query at a time, from the index of the answer before", async () => {
    await using scene = new ConsulScene();
    scene.record(scene.registry());
    await scene.pass(60_000);
    const queries = scene.consul.requests;
    // One at once, and then one for each wait of 30 s and a bit.
    expect(queries).toHaveLength(3);
    expect(queries[0]).toBe("GET /v1/health/service/web");
    expect(queries[1]).toBe("GET /v1/health/service/web?index=10&wait=30000ms");
    expect(scene.consul.blocked).toBe(1);
  });

  it("tells of nothing when an answer brings no change", async () => {
    await using scene = new ConsulScene();
    const events = scene.record(scene.registry());
    await scene.pass(100);
    for (let round = 0; round < 5; round++) {
      scene.consul.wake();
      await scene.pass(2_000);
    }
    expect(types(events)).toEqual(["sync"]);
  });

  it("does not spin on a server that never blocks", async () => {
    await using scene = new ConsulScene();
    scene.consul.neverBlocks = true;
    scene.record(scene.registry());
    await scene.pass(60_000);
    // Two at once, and then one a second.
    expect(scene.consul.requests.length).toBeLessThanOrEqual(63);
    expect(scene.consul.requests.length).toBeGreaterThan(50);
  });

  it("reads no answer without end", async () => {
    let mebibytes = 0;
    const body = (function* () {
      for (; ; mebibytes++) yield new Uint8Array(1 << 20);
    })();
    const headers = { get: () => null };
    await using scene = new ConsulScene();
    const registry = scene.registry({
      fetch: () => Promise.resolve({ status: 200, headers, body }),
    });
    await expect(registry.list("web")).rejects.toThrow("DP_TOO_LONG: Consul");
    expect(mebibytes).toBe(64);
  });

  it("blocks on a server whose index is 0", async () => {
    await using scene = new ConsulScene();
    scene.consul.rewind(10);
    scene.record(scene.registry());
    await scene.pass(20_000);
    expect(scene.consul.requests.at(-1)).toContain("index=1&");
    expect(scene.consul.requests).toHaveLength(2);
  });

  it("starts over when the index goes back, and hears of what comes then", async () => {
    await using scene = new ConsulScene();
    const registry = scene.registry();
    await scene.meanwhile(registry.register(web("a")));
    const events = scene.record(registry);
    await scene.pass(100);
    scene.consul.rewind(5);
    await scene.pass(3_000);
    expect(events.at(-1)).toMatchObject({
      type: "sync",
      reason: "store-reset",
    });
    const count = events.length;
    await scene.meanwhile(registry.register(web("b")));
    await scene.pass(3_000);
    expect(types(events).slice(count)).toEqual(["delta"]);
    const revisions = events.flatMap((event) =>
      "revision" in event ? [event.revision] : [],
    );
    for (const [index, revision] of revisions.slice(1).entries())
      expect(revision).toBeGreaterThan(revisions[index]!);
  });

  it("is stale during an outage and then tells what changed meanwhile", async () => {
    await using scene = new ConsulScene();
    const registry = scene.registry();
    scene.consul.register(foreign());
    const events = scene.record(registry);
    await scene.pass(100);
    scene.consul.trouble = "down";
    scene.consul.wake();
    await scene.pass(60_000);
    expect(types(events)).toEqual(["sync", "stale"]);
    scene.consul.register(foreign({ ID: "legacy-2" }));
    scene.consul.trouble = undefined;
    await scene.pass(15_000);
    expect(types(events)).toEqual(["sync", "stale", "fresh", "delta"]);
    expect(scene.errors).toContain("fetch failed");
  });

  it("notices a Consul that went silent once the wait is over", async () => {
    await using scene = new ConsulScene();
    let isSilent = false;
    const registry = scene.registry({
      fetch: (url, init) =>
        isSilent
          ? new Promise((_, reject) =>
              init.signal.addEventListener("abort", () =>
                reject(init.signal.reason as Error),
              ),
            )
          : scene.consul.fetch(url, init),
    });
    const events = scene.record(registry);
    await scene.pass(100);
    isSilent = true;
    scene.consul.wake();
    await scene.pass(20_000);
    expect(types(events)).toEqual(["sync"]);
    await scene.pass(30_000);
    expect(types(events)).toEqual(["sync", "stale"]);
    isSilent = false;
    await scene.pass(15_000);
    expect(types(events)).toEqual(["sync", "stale", "fresh"]);
  });

  it("reads what others registered, with what Consul knows of them", async () => {
    await using scene = new ConsulScene();
    const { consul } = scene;
    const registry = scene.registry();
    consul.register(
      foreign({
        Tags: ["v1"],
        Meta: { team: "a" },
        Weights: { Passing: 5, Warning: 2 },
      }),
    );
    consul.register(foreign({ ID: "legacy-2", Address: "" }));
    const listed = await registry.list("web");
    expect(listed).toMatchObject([
      {
        id: "legacy-1",
        host: "10.0.0.7",
        port: 9000,
        weight: 5,
        priority: 0,
        state: "serving",
        metadata: { team: "a", tags: ["v1"] },
      },
      { id: "legacy-2", host: "10.9.9.9", weight: 1, metadata: {} },
    ]);
    consul.setStatus("legacy-1", "warning");
    consul.setStatus("legacy-2", "critical");
    expect(await registry.list("web")).toMatchObject([
      { id: "legacy-1", weight: 2 },
    ]);
    consul.setStatus("legacy-1", "critical");
    expect(await registry.services()).toEqual([]);
  });

  it("skips entries it cannot read and says so", async () => {
    await using scene = new ConsulScene();
    const { consul } = scene;
    const registry = scene.registry();
    const own = { "dp-id": "x", "dp-incarnation": "1 a 1" };
    const bad: Record<string, object> = {
      "no-port": { Port: 0 },
      "no-incarnation": { Meta: { "dp-id": "x" } },
      "bad-metadata": { Meta: { ...own, "dp-metadata-0": "{" } },
      "bad-weight": { Meta: { ...own, "dp-weight": "heavy" } },
      "empty-weight": { Meta: { ...own, "dp-weight": "" } },
    };
    for (const [ID, more] of Object.entries(bad))
      consul.register(foreign({ ID, ...more }));
    consul.register(foreign());
    const events = scene.record(registry);
    await scene.pass(100);
    expect(events).toMatchObject([{ type: "sync" }]);
    const [sync] = events;
    expect(sync?.type === "sync" && [...sync.instances.keys()]).toEqual([
      "legacy-1",
    ]);
    for (const id of Object.keys(bad))
      expect(scene.errors.join("\n")).toContain(`web ${id} in Consul`);
  });

  it("fails with Consul's own words, and never with the token", async () => {
    await using scene = new ConsulScene();
    scene.consul.token = "right";
    const registry = scene.registry({ token: "wrong" });
    const refusal = await registry.list("web").catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "DP_CONSUL_REFUSED" });
    expect(String(refusal)).toContain("403: Permission denied");
    expect(String(refusal)).not.toContain("wrong");
    expect(await scene.registry({ token: "right" }).list("web")).toEqual([]);
    scene.consul.trouble = 500;
    await expect(registry.list("web")).rejects.toThrow(
      "500: No cluster leader",
    );
  });

  it("asks the datacenter it is told", async () => {
    await using scene = new ConsulScene();
    await scene.registry({ datacenter: "dc2" }).list("a/b");
    expect(scene.consul.requests).toEqual([
      "GET /v1/health/service/a%2Fb?dc=dc2",
    ]);
  });

  it("counts what an operator asks for", async () => {
    await using scene = new ConsulScene();
    const registry = scene.registry();
    scene.record(registry);
    await scene.pass(100);
    scene.consul.register(foreign());
    await scene.pass(2_000);
    scene.consul.restart({ services: true, ttls: true });
    await scene.pass(5_000);
    const values = Array.from(
      registry.metrics(),
      ({ name, samples }) => [name, Array.from(samples)[0]?.value] as const,
    );
    expect(Object.fromEntries(values)).toMatchObject({
      dp_discovery_watched_services: 1,
      dp_discovery_watch_changes_total: 1,
      dp_discovery_watch_losses_total: 1,
      dp_discovery_watch_resyncs_total: 0,
    });
  });

  it("refuses options out of bounds", () => {
    const url = "http://127.0.0.1:8500";
    const refused = [
      { url: "" },
      { url: "127.0.0.1:8500" },
      { url: "ftp://127.0.0.1" },
      { url, token: "" },
      { url, datacenter: "" },
      { url, wait: 999 },
      { url, wait: "5m" as const },
      { url, detect: 99 },
    ];
    for (const options of refused)
      expect(() => consulRegistry(options), JSON.stringify(options)).toThrow(
        InvalidOptionError,
      );
    expect(() => consulRegistry({ url })).not.toThrow();
  });
});
