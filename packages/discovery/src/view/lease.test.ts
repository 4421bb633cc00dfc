import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import type { Balancer, Report } from "../balancers/balancer.ts";
import { roundRobin } from "../balancers/round-robin.ts";
import { discover } from "../discover.ts";
import { outlierDetection } from "../outlier/outlier-detection.ts";
import { memoryRegistry } from "../registries/memory.ts";

/** A view of two instances whose balancer writes down what it is told. */
const open = async () => {
  const clock = new ManualClock();
  const registry = memoryRegistry({ clock });
  for (const port of [1, 2])
    await registry.register({ service: "web", host: "h", port, ttl: Infinity });
  const settled: (Report & { id: string })[] = [];
  const inner = roundRobin({ random: seededRandom(1) });
  const balancer: Balancer = {
    ...inner,
    settle: ({ id }, { outcome, latencyMs }) =>
      void settled.push({ id, outcome, latencyMs }),
  };
  const outlier = outlierDetection({ consecutive: 1 });
  const view = discover(registry, "web", { clock, balancer, outlier });
  await view.ready({ minimum: 2 });
  const inFlight = (): number =>
    view.explain().instances.reduce((sum, each) => sum + each.inFlight, 0);
  return { clock, registry, view, settled, inFlight };
};

describe("a lease", () => {
  it("reports success with the latency given, failure, or cancelled when disposed", async () => {
    const { view, settled } = await open();
    view.pick().success(12);
    view.pick().failure(new Error("reset"));
    {
      using lease = view.pick();
      expect(lease.instance.service).toBe("web");
    }
    expect(settled.map(({ outcome }) => outcome)).toEqual([
      "success",
      "failure",
      "cancelled",
    ]);
    expect(settled[0]?.latencyMs).toBe(12);
    expect(settled[1]?.latencyMs).toBeUndefined();
  });

  it("counts one in flight until it is settled, once", async () => {
    const { view, settled, inFlight } = await open();
    const lease = view.pick();
    view.pick();
    expect(inFlight()).toBe(2);
    lease.failure();
    lease.success();
    lease[Symbol.dispose]();
    lease.failure();
    expect(inFlight()).toBe(1);
    expect(settled).toHaveLength(1);
  });

  it("is settled harmlessly after its instance left, even if the id is back on another port", async () => {
    const { registry, view, settled } = await open();
    const [held] = [view.pick()];
    const { id } = held.instance;
    await registry.register({
      service: "web",
      host: "h",
      port: 9,
      id,
      ttl: Infinity,
    });
    await view.refresh();
    expect(held.instance.port).not.toBe(9);
    held.failure();
    const now = view.explain().instances.find((each) => each.id === id);
    expect(now).toMatchObject({ port: 9, inFlight: 0 });
    expect(settled).toMatchObject([{ id, outcome: "failure" }]);
  });

  it("ejects nobody by failures of an instance that has left", async () => {
    const { registry, view } = await open();
    const held = [1, 2, 3, 4].map(() => view.pick());
    const gone = held.filter(({ instance }) => instance.port === 1);
    const taken = { service: "web", host: "h", id: "h:1", ttl: Infinity };
    await registry.register({ ...taken, port: 9 });
    await view.refresh();
    for (const lease of gone) lease.failure();
    const ejections = [...view.metrics()]
      .filter(({ name }) => name === "dp_discovery_ejections_total")
      .flatMap(({ samples }) => [...samples]);
    expect(ejections).toMatchObject([{ value: 0 }]);
    expect(gone).toHaveLength(2);
  });

  it("ejects nobody who drains: its failures are those of leaving", async () => {
    const clock = new ManualClock();
    const registry = memoryRegistry({ clock });
    const web = { service: "web", host: "h", ttl: Infinity };
    const one = await registry.register({ ...web, port: 1 });
    for (const port of [2, 3]) await registry.register({ ...web, port });
    const outlier = outlierDetection({ consecutive: 1 });
    const view = discover(registry, "web", { clock, outlier });
    await view.ready({ minimum: 3 });
    const exclude = new Set(["h:2", "h:3"]);
    const held = view.pick({ exclude });
    await one.setState("draining");
    await view.refresh();
    held.failure();
    await one.setState("serving");
    await view.refresh();
    const standings = view.explain().instances.map((each) => each.standing);
    expect(standings).toEqual(["ready", "ready", "ready"]);
  });

  it("may be settled after its view is disposed", async () => {
    const { view, settled } = await open();
    const lease = view.pick();
    await view[Symbol.asyncDispose]();
    lease.success();
    expect(settled).toHaveLength(1);
  });
});

describe("use", () => {
  it("gives back the result and reports success with the time it took", async () => {
    const { clock, view, settled } = await open();
    const running = view.use(async ({ instance }) => {
      await clock.sleep(30);
      return instance.port;
    });
    await clock.advance(30);
    expect([1, 2]).toContain(await running);
    expect(settled).toMatchObject([{ outcome: "success", latencyMs: 30 }]);
  });

  it("reports failure of what rejects or throws, and rejects with the same error", async () => {
    const { view, settled } = await open();
    const error = new Error("reset");
    await expect(view.use(() => Promise.reject(error))).rejects.toBe(error);
    await expect(
      view.use(() => {
        throw error;
      }),
    ).rejects.toBe(error);
    expect(settled.map(({ outcome }) => outcome)).toEqual([
      "failure",
      "failure",
    ]);
  });

  it("holds an abort against nobody", async () => {
    const { view, settled, inFlight } = await open();
    const abort = new DOMException("enough", "AbortError");
    await expect(view.use(() => Promise.reject(abort))).rejects.toBe(abort);
    expect(settled).toMatchObject([{ outcome: "cancelled" }]);
    expect(inFlight()).toBe(0);
  });

  it("leaves alone what was reported inside", async () => {
    const { view, settled } = await open();
    const body = await view.use((lease) => {
      lease.failure();
      return "from a cache";
    });
    expect(body).toBe("from a cache");
    expect(settled).toMatchObject([{ outcome: "failure" }]);
  });

  it("rejects when there is nobody to pick", async () => {
    const { view } = await open();
    const exclude = new Set(["h:1", "h:2"]);
    await expect(view.use(() => 1, { exclude })).rejects.toThrow("(excluded)");
  });
});
