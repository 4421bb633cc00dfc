import { createHook } from "node:async_hooks";
import { InvalidOptionError, seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ClosedError } from "../../src/errors.ts";
import { dnsRegistry } from "../../src/registries/dns.ts";
import type { DnsRegistryOptions } from "../../src/registries/dns/options.ts";
import { passUntil, turn } from "../passing-time.ts";
import { watchService } from "../watcher.ts";
import {
  startDnsDouble,
  type DnsDouble,
  type DoubleRecord,
} from "./dns-double.ts";

let double: DnsDouble;
let clock: ManualClock;
let errors: string[];

beforeEach(async () => {
  double = await startDnsDouble();
  clock = new ManualClock();
  errors = [];
});
afterEach(() => double[Symbol.asyncDispose]());

/** A time limit that the moving clock of a test never reaches, unless the test is about it. */
const registryOf = (options: DnsRegistryOptions = {}) =>
  dnsRegistry({
    servers: [double.server],
    timeout: "1h",
    clock,
    random: seededRandom(1),
    onError: (error) => errors.push(error.message),
    ...options,
  });

const srv = (
  target: string,
  more: { port?: number; priority?: number; weight?: number } = {},
): DoubleRecord => ({ type: "SRV", target, port: 80, ...more });

/** Steps far below the interval of 10 s. */
const until = (condition: () => boolean): Promise<void> =>
  passUntil(clock, 500, condition);

const asked = (times: number): Promise<void> =>
  until(() => double.questions.length >= times);

describe("an SRV answer", () => {
  it("becomes instances with host, port, priority and weight; a weight of 0 a small one", async () => {
    double.answer("SRV", "_web._tcp.test", [
      srv("B.web.test", { port: 8080, priority: 2, weight: 7 }),
      srv("a.web.test", { weight: 0 }),
    ]);
    await using registry = registryOf();
    const listed = await registry.list("_web._tcp.test");
    expect(listed).toEqual([
      {
        service: "_web._tcp.test",
        id: "a.web.test:80",
        host: "a.web.test",
        port: 80,
        priority: 0,
        weight: 0.01,
        state: "serving",
        revision: 1n,
        metadata: {},
      },
      expect.objectContaining({
        id: "b.web.test:8080",
        priority: 2,
        weight: 7,
      }),
    ]);
    expect(Object.isFrozen(listed[0])).toBe(true);
    expect(await registry.services()).toEqual(["_web._tcp.test"]);
  });

  it("may say a thing twice, and that there is no such service", async () => {
    double.answer("SRV", "web.test", [
      srv("a.test", { weight: 1, priority: 3 }),
      srv("A.test", { weight: 2, priority: 1 }),
      srv("a.test", { weight: 5, priority: 1 }),
    ]);
    double.answer("SRV", "none.test", [srv("", { port: 0 })]);
    await using registry = registryOf();
    expect(await registry.list("web.test")).toEqual([
      expect.objectContaining({ id: "a.test:80", priority: 1, weight: 5 }),
    ]);
    expect(await registry.list("none.test")).toEqual([]);
    expect(errors).toEqual([]);
  });

  it("has equal weights when no record has one", async () => {
    double.answer("SRV", "web.test", [
      srv("a.test", { weight: 0 }),
      srv("b.test", { weight: 0 }),
    ]);
    await using registry = registryOf();
    const weights = (await registry.list("web.test")).map(
      ({ weight }) => weight,
    );
    expect(weights).toEqual([1, 1]);
  });

  it("loses a record that is no place, and the failure is told", async () => {
    double.answer("SRV", "web.test", [
      srv("a.test", { port: 0 }),
      srv("b.test"),
    ]);
    await using registry = registryOf();
    expect(await registry.list("web.test")).toHaveLength(1);
    expect(errors).toEqual([
      "DP_BAD_RECORD: web.test: skipped the record of a.test, port 0",
    ]);
  });

  it("of which no record is a place is a failure, not a service without instances", async () => {
    double.answer("SRV", "web.test", [srv("a.test", { port: 0 })]);
    await using registry = registryOf();
    await expect(registry.list("web.test")).rejects.toThrow(
      "DP_BAD_RECORD: web.test: none of its 1 records is an instance",
    );
    expect(errors).toHaveLength(2);
  });
});

describe("an answer with addresses", () => {
  it("has both families, on the port of the options", async () => {
    double.answer("A", "web.test", [
      { type: "A", address: "10.0.0.2" },
      { type: "A", address: "10.0.0.1" },
    ]);
    const groups = [0xfd00, 0, 0, 0, 0, 0, 0, 1];
    double.answer("AAAA", "web.test", [{ type: "AAAA", groups }]);
    await using registry = registryOf({ type: "A", port: 8080 });
    expect((await registry.list("web.test")).map(({ id }) => id)).toEqual([
      "10.0.0.1:8080",
      "10.0.0.2:8080",
      "[fd00::1]:8080",
    ]);
  });

  it.each(["A", "AAAA"])(
    "keeps what %s said last while its look-ups fail, as long as the other family answers",
    async (failing) => {
      const old: DoubleRecord = { type: "A", address: "10.0.0.1" };
      const groups = [0xfd00, 0, 0, 0, 0, 0, 0, 1];
      const v6: DoubleRecord = { type: "AAAA", groups };
      double.answer("A", "web.test", [old]);
      double.answer("AAAA", "web.test", [v6]);
      await using registry = registryOf({ type: "A" });
      const watcher = watchService(registry, "web.test");
      await until(() => watcher.events.length === 1);
      double.answer(failing, "web.test", "SERVFAIL");
      const other = failing === "A" ? "AAAA" : "A";
      const more: DoubleRecord =
        other === "A"
          ? { type: "A", address: "10.0.0.2" }
          : { type: "AAAA", groups: groups.with(7, 2) };
      double.answer(other, "web.test", [other === "A" ? old : v6, more]);
      await until(() => watcher.events.length === 2);
      double.answer(other, "web.test", "REFUSED");
      await until(() => watcher.events.length === 3);
      expect(watcher.told).toEqual([
        "sync initial 10.0.0.1:80 [fd00::1]:80",
        other === "A" ? "delta +10.0.0.2:80" : "delta +[fd00::2]:80",
        "stale",
      ]);
      expect(errors[0]).toBe(
        `DP_LOOKUP_FAILED: ${failing} web.test: ESERVFAIL`,
      );
    },
  );

  it("is a failure when one family fails and the other is empty", async () => {
    double.answer("AAAA", "web.test", "SERVFAIL");
    await using registry = registryOf({ type: "A" });
    await expect(registry.list("web.test")).rejects.toThrow("AAAA web.test");
  });
});

describe("a watched name", () => {
  it("tells what changed and nothing of an answer that says the same in another order", async () => {
    const [a, b, c] = [srv("a.test"), srv("b.test"), srv("c.test")];
    double.answer("SRV", "web.test", [a, b]);
    await using registry = registryOf();
    const watcher = watchService(registry, "web.test");
    await asked(1);
    double.answer("SRV", "web.test", [b, a, b]);
    await asked(4);
    double.answer("SRV", "web.test", [c, b]);
    await until(() => watcher.events.length > 1);
    expect(watcher.told).toEqual([
      "sync initial a.test:80 b.test:80",
      "delta -a.test:80 +c.test:80",
    ]);
  });

  it("is asked for every interval, up to a fifth earlier, and once for all who want to know", async () => {
    double.answer("SRV", "web.test", [srv("a.test")]);
    await using registry = registryOf();
    const watchers = [1, 2, 3].map(() => watchService(registry, "web.test"));
    const lists = [registry.list("web.test"), registry.list("web.test")];
    await Promise.all(lists);
    await until(() => watchers.every(({ events }) => events.length === 1));
    expect(double.questions).toHaveLength(1);
    const schedule = vi.spyOn(clock, "schedule");
    await asked(101);
    const waits = schedule.mock.calls
      .map(([delayMs]) => delayMs)
      .filter((delayMs) => delayMs > 5_000 && delayMs < 60_000);
    schedule.mockRestore();
    expect(waits).toHaveLength(100);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(8_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(10_000);
    const meanMs = waits.reduce((sum, each) => sum + each, 0) / waits.length;
    expect(Math.abs(meanMs - 9_000)).toBeLessThan(200);
  });

  it("that is gone after it was there is told as a doubtful state, and comes back as a change", async () => {
    double.answer("SRV", "web.test", [srv("a.test"), srv("b.test")]);
    await using registry = registryOf();
    const watcher = watchService(registry, "web.test");
    await asked(1);
    double.answer("SRV", "web.test", "NXDOMAIN");
    await asked(4);
    double.answer("SRV", "web.test", [srv("a.test")]);
    await until(() => watcher.events.length === 3);
    double.answer("SRV", "web.test", []);
    await until(() => watcher.events.length === 4);
    expect(watcher.told).toEqual([
      "sync initial a.test:80 b.test:80",
      "sync store-reset",
      "delta +a.test:80",
      "sync store-reset",
    ]);
    expect(errors).toEqual([]);
    expect(await registry.services()).toEqual([]);
  });

  it("that was never there is an empty state", async () => {
    await using registry = registryOf();
    const watcher = watchService(registry, "web.test");
    await asked(2);
    double.answer("SRV", "web.test", [srv("a.test")]);
    await until(() => watcher.events.length === 2);
    expect(watcher.told).toEqual(["sync initial", "delta +a.test:80"]);
  });

  for (const [fault, code] of [
    ["SERVFAIL", "ESERVFAIL"],
    ["REFUSED", "EREFUSED"],
    ["GARBAGE", "EBADRESP"],
    ["TRUNCATED", "ECONNREFUSED"],
  ] as const)
    it(`keeps its last answer through ${fault}, for ever, and is asked again`, async () => {
      double.answer("SRV", "web.test", [srv("a.test")]);
      await using registry = registryOf();
      const watcher = watchService(registry, "web.test");
      await until(() => watcher.events.length === 1);
      double.answer("SRV", "web.test", fault);
      await until(() => errors.length > 5);
      expect(errors[0]).toBe(`DP_LOOKUP_FAILED: SRV web.test: ${code}`);
      double.answer("SRV", "web.test", [srv("a.test")]);
      await until(() => watcher.events.length === 3);
      expect(watcher.told).toEqual([
        "sync initial a.test:80",
        "stale",
        "fresh",
      ]);
    });

  it("whose server says nothing is stale when the time is over", async () => {
    double.answer("SRV", "web.test", [srv("a.test")]);
    await using registry = registryOf();
    const watcher = watchService(registry, "web.test");
    await until(() => watcher.events.length === 1);
    double.answer("SRV", "web.test", "SILENCE");
    await asked(2);
    await clock.advance(3_600_000);
    expect(watcher.told).toEqual(["sync initial a.test:80", "stale"]);
    expect(errors).toEqual([
      "DP_REGISTRY_TIMEOUT: the registry gave no answer within 3600000 ms",
    ]);
  });

  it("that nobody watches any more is not asked for", async () => {
    double.answer("SRV", "web.test", [srv("a.test")]);
    await using registry = registryOf();
    const watcher = watchService(registry, "web.test");
    await until(() => watcher.events.length === 1);
    watcher.leave();
    await turn();
    expect(watcher.ended).toBe(true);
    expect(clock.pending).toBe(0);
  });
});

describe("the DNS registry", () => {
  it("asks the next server when one is silent", async () => {
    await using second = await startDnsDouble();
    double.answer("SRV", "web.test", "SILENCE");
    second.answer("SRV", "web.test", [srv("a.test")]);
    const servers = [double.server, second.server];
    await using registry = registryOf({ servers, timeout: "1s" });
    expect(await registry.list("web.test")).toHaveLength(1);
  });

  it("registers nobody, and says so", async () => {
    await using registry = registryOf();
    const spec = { service: "web.test", host: "a.test", port: 80 };
    await expect(registry.register(spec)).rejects.toThrow(
      /^DP_READ_ONLY: .*zone/,
    );
    await expect(registry.register({ ...spec, port: 0 })).rejects.toThrow(
      InvalidOptionError,
    );
    expect(registry.capabilities).toEqual({
      lease: false,
      push: false,
      fencing: false,
    });
  });

  it("leaves nothing behind, not even a question under way", async () => {
    double.answer("SRV", "web.test", [srv("a.test")]);
    double.answer("SRV", "slow.test", "SILENCE");
    const open = new Set<number>();
    const queries = createHook({
      init: (id, type) => {
        if (type === "QUERYWRAP") open.add(id);
      },
      before: (id) => open.delete(id),
    }).enable();
    const registry = registryOf();
    const watchers = ["web.test", "slow.test"].map((name) =>
      watchService(registry, name),
    );
    const list = registry.list("slow.test");
    list.catch(() => undefined);
    await asked(2);
    expect(open.size).toBeGreaterThan(0);
    await registry[Symbol.asyncDispose]();
    await expect(list).rejects.toThrow(ClosedError);
    await until(() => watchers.every(({ ended }) => ended));
    expect(clock.pending).toBe(0);
    await expect(registry.list("web.test")).rejects.toThrow(ClosedError);
    await expect(registry.services()).rejects.toThrow(ClosedError);
    await until(() => open.size === 0);
    queries.disable();
    expect(errors).toEqual([]);
  });

  it("counts look-ups and failures", async () => {
    double.answer("SRV", "web.test", "SERVFAIL");
    await using registry = registryOf({
      onError: () => {
        throw new Error("a listener's own fault");
      },
    });
    await registry.list("web.test").catch(() => undefined);
    await registry.list("other.test");
    const values = [...registry.metrics()].map(
      ({ name, samples }) => [name, [...samples][0]?.value] as const,
    );
    expect(Object.fromEntries(values)).toEqual({
      dp_discovery_registry_failures_total: 1,
      dp_discovery_records_skipped_total: 0,
      dp_discovery_watched_services: 0,
      dp_discovery_watched_services_stale: 0,
      dp_discovery_watch_changes_total: 0,
      dp_discovery_watch_losses_total: 0,
      dp_discovery_watch_resyncs_total: 0,
      dp_discovery_dns_lookups_total: 2,
    });
  });

  it("refuses options it cannot honour", () => {
    for (const bad of [
      { servers: [] },
      { servers: ["ns.test"] },
      { type: "MX" as "A" },
      { interval: 0 },
      { timeout: -1 },
      { port: 0 },
    ])
      expect(() => dnsRegistry(bad)).toThrow(InvalidOptionError);
  });
});
