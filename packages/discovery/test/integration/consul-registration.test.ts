import { InvalidOptionError } from "@dp/core";
import { describe, expect, it } from "vitest";
import { discover } from "../../src/index.ts";
import { consulRegistry } from "../../src/registries/consul/index.ts";
import { ConsulDouble } from "./consul-double.ts";
import { ConsulScene, web } from "./consul-scene.ts";

const ttl = "3s";

describe("a registration in Consul", () => {
  it("is a service with a TTL check that starts as passing", async () => {
    await using scene = new ConsulScene();
    const a = await scene.meanwhile(
      scene.registry().register({
        ...web("a"),
        ttl,
        weight: 2.5,
        priority: 1,
        zone: "z",
        metadata: { name: "Zoë" },
      }),
    );
    expect(scene.consul.definition("web:a")).toMatchObject({
      ID: "web:a",
      Name: "web",
      Address: "10.0.0.1",
      Port: 8080,
      Weights: { Passing: 3, Warning: 1 },
      Meta: {
        "dp-id": "a",
        "dp-weight": "2.5",
        "dp-priority": "1",
        "dp-zone": "z",
        "dp-state": "serving",
        "dp-metadata-0": '{"name":"Zo\\u00eb"}',
      },
      Check: {
        CheckID: "service:web:a",
        TTL: "3000ms",
        Status: "passing",
        DeregisterCriticalServiceAfter: "1m",
      },
    });
    expect(await scene.registry().list("web")).toEqual([a.instance]);
  });

  it("may share its id with another service", async () => {
    await using scene = new ConsulScene();
    const registry = scene.registry();
    await scene.meanwhile(registry.register({ ...web("a"), service: "x:y" }));
    await scene.meanwhile(registry.register({ ...web("y:a"), service: "x" }));
    expect(await registry.services()).toEqual(["x", "x:y"]);
  });

  it("comes back when the agent lost its services", async () => {
    await using scene = new ConsulScene();
    const registry = scene.registry();
    const a = await scene.meanwhile(registry.register({ ...web("a"), ttl }));
    const statuses: string[] = [];
    a.on(({ status }) => statuses.push(status));
    scene.consul.restart({ services: false, ttls: false });
    expect(await registry.list("web")).toEqual([]);
    await scene.pass(2_000);
    expect(statuses).toEqual(["reregistering", "active"]);
    expect(await registry.list("web")).toEqual([a.instance]);
  });

  it("comes back when the agent forgot that its check has a ttl", async () => {
    await using scene = new ConsulScene();
    const registry = scene.registry();
    const a = await scene.meanwhile(registry.register({ ...web("a"), ttl }));
    scene.consul.restart({ services: true, ttls: false });
    const statuses: string[] = [];
    a.on(({ status }) => statuses.push(status));
    await scene.pass(2_000);
    expect(statuses).toEqual(["reregistering", "active"]);
    await scene.pass(20_000);
    expect(a.status).toBe("active");
    expect(await registry.list("web")).toEqual([a.instance]);
  });

  it("is listed again after it was critical", async () => {
    await using scene = new ConsulScene();
    const registry = scene.registry();
    const a = await scene.meanwhile(registry.register({ ...web("a"), ttl }));
    const events = scene.record(registry);
    await scene.pass(100);
    scene.consul.trouble = 500;
    await scene.pass(3_100);
    expect(a.status).toBe("uncertain");
    scene.consul.trouble = undefined;
    expect(await registry.list("web")).toEqual([]);
    await scene.pass(15_000);
    expect(a.status).toBe("active");
    expect(await registry.list("web")).toEqual([a.instance]);
    expect(events.at(-1)).toMatchObject({ type: "delta" });
  });

  it("is put back after a stall so long that Consul removed it", async () => {
    await using scene = new ConsulScene();
    const registry = scene.registry();
    const a = await scene.meanwhile(registry.register({ ...web("a"), ttl }));
    scene.consul.dead.add("web:a");
    await scene.pass(70_000);
    expect(scene.consul.definition("web:a")).toBeUndefined();
    scene.consul.dead.clear();
    await scene.pass(15_000);
    expect(await registry.list("web")).toEqual([a.instance]);
  });

  it("gives way to a newer one of its id, and does not remove it", async () => {
    await using scene = new ConsulScene();
    const [one, two] = [scene.registry(), scene.registry()];
    const older = await scene.meanwhile(one.register({ ...web("a", 1), ttl }));
    const newer = await scene.meanwhile(two.register({ ...web("a", 2), ttl }));
    // It has not heard of it yet.
    expect(older.status).toBe("active");
    await scene.meanwhile(older.close());
    expect(await two.list("web")).toEqual([newer.instance]);
    await scene.pass(20_000);
    expect(newer.status).toBe("active");
    const third = await scene.meanwhile(one.register({ ...web("a", 3), ttl }));
    await scene.pass(2_000);
    expect(newer.status).toBe("superseded");
    await scene.meanwhile(newer.close());
    expect(await two.list("web")).toEqual([third.instance]);
  });

  it("takes the place of what was written with a number none can follow", async () => {
    await using scene = new ConsulScene();
    const registry = scene.registry();
    scene.consul.register({
      ID: "web:a",
      Name: "web",
      Address: "10.0.0.9",
      Port: 1,
      Meta: { "dp-id": "a", "dp-incarnation": `1${"0".repeat(21)} other 1` },
    });
    expect(await registry.list("web")).toMatchObject([{ id: "a", port: 1 }]);
    const a = await scene.meanwhile(registry.register({ ...web("a"), ttl }));
    await scene.pass(5_000);
    expect(a.status).toBe("active");
    expect(await registry.list("web")).toEqual([a.instance]);
  });

  it("keeps metadata that takes many values, and refuses what no number of them can hold", async () => {
    await using scene = new ConsulScene();
    const registry = scene.registry();
    const metadata = { long: "é".repeat(3_000) };
    const a = await scene.meanwhile(
      registry.register({ ...web("a"), metadata }),
    );
    const meta = scene.consul.definition("web:a")?.Meta ?? {};
    expect(Object.keys(meta).length).toBeLessThanOrEqual(64);
    for (const value of Object.values(meta))
      expect(Buffer.byteLength(value)).toBeLessThanOrEqual(512);
    expect(await registry.list("web")).toEqual([a.instance]);
    const tooLong = { long: "x".repeat(21_000) };
    const refusals = [
      registry.register({ ...web("b"), metadata: tooLong }),
      registry.register({ ...web("b"), zone: "z".repeat(513) }),
      a.update({ metadata: tooLong }),
    ];
    for (const refusal of refusals)
      await expect(refusal).rejects.toThrow(InvalidOptionError);
    await scene.meanwhile(a.update({ weight: 2 }));
    expect(a.instance.metadata).toEqual(metadata);
  });

  it("waits out a Consul that is down, and refuses a token without rights aloud", async () => {
    await using scene = new ConsulScene();
    scene.consul.trouble = "down";
    const registering = scene.registry().register(web("a"));
    await scene.pass(10_000);
    scene.consul.trouble = undefined;
    scene.consul.token = "secret";
    await scene.pass(15_000);
    expect(scene.errors.join("\n")).toMatch(/403: Permission denied/);
    scene.consul.token = undefined;
    const a = await scene.meanwhile(registering);
    expect(a.status).toBe("active");
  });

  it("works over HTTP", async () => {
    const consul = new ConsulDouble();
    const { url, close } = await consul.listen();
    const registry = consulRegistry({ url: `${url}/` });
    try {
      const view = discover(registry, "web");
      const a = await registry.register(web("a"));
      await registry.register(web("b"));
      await view.ready();
      await a.update({ metadata: { version: "2" } });
      await expect
        .poll(() => view.snapshot.instances.map(({ metadata }) => metadata))
        .toContainEqual({ version: "2" });
      await a.close();
      await expect
        .poll(() => view.snapshot.instances.map(({ id }) => id))
        .toEqual(["b"]);
      await view[Symbol.asyncDispose]();
    } finally {
      await registry[Symbol.asyncDispose]();
      consul.close();
      close();
    }
  });
});
