import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "@dp/core/testing";
import { memoryRegistry, type MemoryRegistry } from "@dp/discovery";
import { listenOnLoopback } from "./listen.ts";
import { register, type Tenant } from "./registry-client.ts";
import { createRegistryFront } from "./registry-front.ts";
import { waitFor } from "./wait-for.ts";

const spec = { service: "catalog", id: "a", host: "127.0.0.1", port: 3001 };
const ttlMs = 600;

describe("the registry's front", () => {
  let clock: ManualClock;
  let registry: MemoryRegistry;
  let front: ReturnType<typeof createRegistryFront>;
  let url: string;
  const tenants: Tenant[] = [];

  beforeEach(async () => {
    clock = new ManualClock();
    registry = memoryRegistry({ clock });
    front = createRegistryFront(registry, clock);
    url = `http://127.0.0.1:${await listenOnLoopback(front, 0)}`;
  });
  afterEach(async () => {
    for (const tenant of tenants.splice(0)) await tenant.close();
    front.close();
    front.closeAllConnections();
  });

  const enter = async (): Promise<Tenant> => {
    const tenant = await register(url, spec, ttlMs);
    tenants.push(tenant);
    return tenant;
  };
  const states = async (): Promise<string[]> =>
    (await registry.list("catalog")).map(({ id, state }) => `${id} ${state}`);
  const put = (body: string): Promise<Response> =>
    fetch(`${url}/leases`, { method: "PUT", body });

  it("lists what another process registered", async () => {
    await enter();
    expect(await registry.list("catalog")).toMatchObject([
      { ...spec, state: "serving" },
    ]);
    const page = await fetch(`${url}/instances`);
    expect(await page.json()).toMatchObject({
      catalog: [
        { ...spec, revision: expect.stringMatching(/^\d+$/) as string },
      ],
    });
  });

  it("passes a change of state on before it answers", async () => {
    const tenant = await enter();
    await tenant.setState("draining");
    expect(await states()).toEqual(["a draining"]);
  });

  it("takes an instance off the list when it closes", async () => {
    const tenant = await enter();
    await tenant.close();
    expect(await states()).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("ends a registration that is not renewed in time", async () => {
    const announcement = { spec, ttlMs: 100, state: "serving" };
    expect((await put(JSON.stringify(announcement))).status).toBe(201);
    await clock.advance(99);
    expect(await states()).toEqual(["a serving"]);
    await clock.advance(1);
    expect(await states()).toEqual([]);
  });

  it("keeps a registration that is renewed", async () => {
    await enter();
    // The owner renews by real time; the front's time stands until a renewal has arrived.
    let renewals = 0;
    front.on("request", ({ url: path }, response) => {
      if (path?.endsWith("/renew") === true)
        response.on("finish", () => renewals++);
    });
    for (let round = 1; round <= 2; round++) {
      await waitFor("a renewal", () => renewals >= round);
      await clock.advance(ttlMs * 0.75);
    }
    expect(await states()).toEqual(["a serving"]);
  });

  it("gets back an instance whose lease it has lost, in its state", async () => {
    const tenant = await enter();
    await tenant.setState("draining");
    await clock.advance(ttlMs);
    expect(await states()).toEqual([]);
    await waitFor("it to be back", async () => (await states()).length === 1);
    expect(await states()).toEqual(["a draining"]);
  });

  it("is waited for by a client that starts first", async () => {
    const port = Number(new URL(url).port);
    front.close();
    const entering = enter();
    front = createRegistryFront(registry, clock);
    await waitFor("the port", () =>
      listenOnLoopback(front, port).then(
        () => true,
        () => false,
      ),
    );
    await entering;
    expect(await states()).toEqual(["a serving"]);
  });

  it("does not keep a client from closing when it is gone", async () => {
    const tenant = await enter();
    front.close();
    front.closeAllConnections();
    await tenant.close();
  });

  it("says what is wrong with a request", async () => {
    const bad = JSON.stringify({ spec: { ...spec, port: 0 }, ttlMs: 100 });
    const response = await put(bad);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("DP_INVALID_OPTION");
    expect((await put("{")).status).toBe(400);
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
    const renewal = `${url}/leases/unknown/renew`;
    expect((await fetch(renewal, { method: "POST" })).status).toBe(404);
  });
});

describe("register", () => {
  it("rejects nothing and closes when its front answers nonsense", async () => {
    let calls = 0;
    const server = createServer((_, response) => {
      calls++;
      const isFirst = calls === 1;
      response.writeHead(isFirst ? 500 : 201).end('{"lease":"l"}');
    });
    const port = await listenOnLoopback(server, 0);
    const tenant = await register(`http://127.0.0.1:${port}`, spec, ttlMs);
    await tenant.close();
    expect(calls).toBe(3);
    server.close();
    server.closeAllConnections();
  });
});
