import { renderPrometheus, systemClock } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  header,
  startEtcdDouble,
  type EtcdDouble,
} from "../../../test/etcd-double.ts";
import { Recorder } from "../../../test/recorder.ts";
import { ClosedError } from "../../errors.ts";
import { etcdRegistry, type EtcdRegistry } from "./etcd-registry.ts";
import { decode, encode } from "./wire.ts";

let clock: ManualClock;
let double: EtcdDouble;
let registry: EtcdRegistry;
let errors: string[];

const spec = { service: "web", host: "10.0.0.1", port: 80, ttl: 60_000 };

beforeEach(async () => {
  clock = new ManualClock();
  double = await startEtcdDouble();
  errors = [];
  double.answer = ({ path }) => {
    if (path === "lease/grant")
      return { body: { header: header(42), ID: "11", TTL: "60" } };
    if (path === "kv/txn")
      return { body: { header: header(43), succeeded: true } };
    return { body: { header: header(42) } };
  };
  registry = etcdRegistry({
    endpoints: [double.url],
    clock,
    random: () => 0.5,
    onError: (error) => errors.push(error.message),
  });
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  expect(clock.pending).toBe(0);
  await double.close();
});

describe("etcdRegistry", () => {
  it("can lease, push and fence", () => {
    expect(registry.capabilities).toEqual({
      lease: true,
      push: true,
      fencing: true,
    });
  });

  it("puts a key that is not there under a lease of whole seconds", async () => {
    const a = await registry.register({ ...spec, id: "a", ttl: 59_001 });
    const bodyOf = (path: string): unknown =>
      double.asked.find((asked) => asked.path === path)?.body;
    expect(bodyOf("lease/grant")).toEqual({ TTL: "60" });
    const key = encode("/dp/discovery/web/a");
    expect(bodyOf("kv/txn")).toMatchObject({
      compare: [{ key, target: "MOD", result: "EQUAL", mod_revision: "0" }],
      success: [{ request_put: { key, lease: "11" } }],
      failure: [{ request_range: { key } }],
    });
    expect(a.instance.revision).toBe(43n);
    expect(a.grantedTtlMs).toBe(60_000);
  });

  it("numbers its incarnation by the clock of the servers, not by the machine's", async () => {
    await registry.register({ ...spec, id: "a" });
    const txn = double.asked.find(({ path }) => path === "kv/txn");
    const [{ request_put }] = txn?.body["success"] as [
      { request_put: { value: string } },
    ];
    const { incarnation } = JSON.parse(decode(request_put.value)) as {
      incarnation: { number: number };
    };
    // The manual clock begins in 1970.
    expect(incarnation.number).toBeGreaterThan(systemClock.wallNow() - 60_000);
    expect(incarnation.number).toBeLessThanOrEqual(systemClock.wallNow());
  });

  it("renews at a third of what was granted, however much was asked for", async () => {
    await registry.register({ ...spec, ttl: 2000 });
    await clock.advance(17_999);
    expect(double.times("lease/keepalive")).toBe(0);
    await clock.advance(1);
    await expect.poll(() => double.times("lease/keepalive")).toBe(1);
  });

  it("keeps its lease alive by every put, for puts put off its renewal", async () => {
    const answer = double.answer;
    let ttl = "60";
    let grants = 10;
    double.answer = (asked) => {
      if (asked.path === "lease/grant")
        return {
          body: { header: header(42), ID: String(++grants), TTL: "60" },
        };
      if (asked.path === "lease/keepalive")
        return { body: { result: { ID: asked.body["ID"], TTL: ttl } } };
      return answer(asked);
    };
    const a = await registry.register(spec);
    for (let weight = 2; weight < 6; weight++) {
      await clock.advance(15_000);
      await a.update({ weight });
    }
    expect(double.times("lease/keepalive")).toBe(4);
    expect(grants).toBe(11);
    ttl = "0";
    await a.update({ weight: 6 });
    const last = double.asked.filter(({ path }) => path === "kv/txn").at(-1);
    expect(last?.body["success"]).toMatchObject([
      { request_put: { lease: "12" } },
    ]);
    expect(errors).toEqual([]);
  });

  it("does not take a lease without a ttl, which it would renew all the time", async () => {
    const answer = double.answer;
    double.answer = (asked) =>
      asked.path === "lease/grant" && double.times("lease/grant") < 2
        ? { body: { header: header(42), ID: "10" } }
        : answer(asked);
    const registering = registry.register(spec);
    await expect.poll(() => errors).toHaveLength(1);
    await clock.advance(100);
    const a = await registering;
    expect(a.grantedTtlMs).toBe(60_000);
    expect(errors).toEqual([expect.stringContaining("a lease without")]);
  });

  it("takes a lease that is no longer there, in the words of any version, and asks for another", async () => {
    const answer = double.answer;
    let txns = 0;
    double.answer = (asked) =>
      asked.path === "kv/txn" && ++txns === 1
        ? {
            status: 404,
            body: { code: 5, message: "etcdserver: requested lease not found" },
          }
        : answer(asked);
    await registry.register(spec);
    expect(double.times("lease/grant")).toBe(2);
    expect(errors).toEqual([]);
  });

  it("gives up after a few rounds against somebody who writes all the time, and tries again later", async () => {
    let mod = 100;
    const answer = double.answer;
    double.answer = (asked) =>
      asked.path === "kv/txn" && mod < 107
        ? {
            body: {
              header: header(mod),
              responses: [
                {
                  response_range: {
                    kvs: [
                      {
                        key: encode("/dp/discovery/web/a"),
                        value: encode("{}"),
                        mod_revision: String(mod++),
                      },
                    ],
                  },
                },
              ],
            },
          }
        : answer(asked);
    const registering = registry.register({ ...spec, id: "a" });
    await expect
      .poll(() => errors.filter((error) => error.includes("written by others")))
      .toHaveLength(1);
    await expect
      .poll(async () => {
        await clock.advance(100);
        return mod;
      })
      .toBe(107);
    expect((await registering).status).toBe("active");
  });

  it("asks a single member twice for a list, then says what is wrong", async () => {
    double.answer = () => ({
      status: 503,
      body: { error: "etcdserver: no leader", code: 14 },
    });
    await expect(registry.list("web")).rejects.toThrow("no leader");
    expect(double.times("kv/range")).toBe(2);
    expect(errors).toHaveLength(1);
  });

  it("refuses a name that no key can have, wherever it is given", async () => {
    await expect(registry.register({ ...spec, id: "\ud800" })).rejects.toThrow(
      /DP_INVALID_OPTION.*id/,
    );
    await expect(registry.list("\ud800")).rejects.toThrow("DP_INVALID_OPTION");
    const watch = registry.watch("\ud800")[Symbol.asyncIterator]();
    await expect(watch.next()).rejects.toThrow("DP_INVALID_OPTION");
    expect(double.asked).toEqual([]);
  });

  it("does nothing more once it is disposed, and ends what was under way", async () => {
    const watcher = new Recorder(registry, "web");
    await expect.poll(() => watcher.story).toEqual(["initial"]);
    double.answer = ({ path }) =>
      path === "kv/range" ? undefined : { body: { header: header(42) } };
    const listing = expect(registry.list("web")).rejects.toSatisfy((error) =>
      ClosedError.is(error),
    );
    await registry[Symbol.asyncDispose]();
    await listing;
    await watcher.done;
    for (const late of [
      registry.list("web"),
      registry.services(),
      registry.register(spec),
    ])
      await expect(late).rejects.toSatisfy((error) => ClosedError.is(error));
  });

  it("counts what an operator asks about", async () => {
    const watcher = new Recorder(registry, "web");
    await expect.poll(() => double.watches).toHaveLength(1);
    await registry.register(spec);
    const [watch] = double.watches;
    watch!.send({ header: header(42), created: true });
    const key = encode("/dp/discovery/web/a");
    watch!.send({
      header: header(43),
      events: [{ kv: { key, value: encode("{"), mod_revision: "43" } }],
    });
    const value = encode(JSON.stringify({ host: "h", port: 1 }));
    watch!.send({
      header: header(44),
      events: [{ kv: { key, value, mod_revision: "44" } }],
    });
    await expect.poll(() => watcher.ids).toEqual(["a"]);
    watch!.drop();
    await expect.poll(() => watcher.story.at(-1)).toBe("stale");
    const lines = renderPrometheus([registry]).split("\n");
    for (const line of [
      'dp_discovery_registrations{registry="etcd",status="active"} 1',
      'dp_discovery_watched_services{registry="etcd"} 1',
      'dp_discovery_watched_services_stale{registry="etcd"} 1',
      'dp_discovery_watch_changes_total{registry="etcd"} 1',
      'dp_discovery_watch_losses_total{registry="etcd"} 1',
      'dp_discovery_watch_resyncs_total{reason="compacted",registry="etcd"} 0',
      'dp_discovery_records_skipped_total{registry="etcd"} 1',
    ])
      expect(lines).toContain(line);
    await watcher.stop();
    expect(renderPrometheus([registry])).toContain(
      'dp_discovery_watched_services_stale{registry="etcd"} 0',
    );
  });
});
