import { systemClock, type Clock } from "@dp/core";
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
import type { Registration } from "../../../src/registration.ts";
import { writeRecord } from "../../../src/remote/instance-record.ts";
import { call, get, put, remove, text, uniquePrefix } from "../../raw-etcd.ts";
import { Recorder } from "../../recorder.ts";
import { instanceOf, recordText } from "../../true-history.ts";

let etcd: Server;
let prefix: string;
let registry: EtcdRegistry;
let watcher: Recorder;
let errors: string[];

const key = (id: string): string => `${prefix}/web/${id}`;

const register = (id: string, ttl: number = 1000): Promise<Registration> =>
  registry.register({ service: "web", id, host: "10.0.0.1", port: 80, ttl });

const statuses = (registration: Registration): string[] => {
  const seen: string[] = [];
  registration.on(({ status }) => seen.push(status));
  return seen;
};

describe.skipIf(servicesSkipped)("a registration in etcd", () => {
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd.stop());

  beforeEach(async () => {
    prefix = uniquePrefix();
    errors = [];
    registry = etcdRegistry({
      endpoints: [etcd.url],
      prefix,
      onError: (error) => errors.push(error.message),
    });
    watcher = new Recorder(registry, "web");
    await expect.poll(() => watcher.story).toEqual(["initial"]);
  });
  afterEach(() => registry[Symbol.asyncDispose]());

  it("is one key with the instance as JSON, under a lease of whole seconds, as granted", async () => {
    const a = await register("a", 1500);
    expect(a.grantedTtlMs).toBe(2000);
    const stored = await get(etcd.url, key("a"));
    expect(BigInt(stored!.mod_revision)).toBe(a.instance.revision);
    expect(JSON.parse(text(stored!.value))).toMatchObject({
      host: "10.0.0.1",
      port: 80,
    });
    const { TTL } = await call<{ TTL: string }>(etcd.url, "lease/timetolive", {
      ID: stored!.lease,
    });
    expect(Number(TTL)).toBeGreaterThan(0);
    await a.close();
    expect(await get(etcd.url, key("a"))).toBeUndefined();
    const after = await call<{ TTL: string }>(etcd.url, "lease/timetolive", {
      ID: stored!.lease,
    });
    expect(after.TTL).toBe("-1");
    await expect.poll(() => watcher.removals).toEqual(["a deregistered"]);
  });

  it("keeps names with slashes and percent signs apart", async () => {
    const specs = [
      { service: "a", id: "b/c" },
      { service: "a/b", id: "c" },
      { service: "a%2Fb", id: "c" },
      { service: "a", id: "b%2Fc" },
    ];
    for (const spec of specs)
      await registry.register({ ...spec, host: "h", port: 1 });
    expect(await registry.services()).toEqual(["a", "a%2Fb", "a/b"]);
    expect((await registry.list("a")).map(({ id }) => id).sort()).toEqual([
      "b%2Fc",
      "b/c",
    ]);
    expect(await registry.list("a/b")).toMatchObject([
      { service: "a/b", id: "c" },
    ]);
  });

  it("has no lease with a ttl of Infinity, and leaves by its own word all the same", async () => {
    const a = await register("a", Infinity);
    expect(a.grantedTtlMs).toBe(Infinity);
    expect((await get(etcd.url, key("a")))!.lease).toBeUndefined();
    await a.close();
    expect(await get(etcd.url, key("a"))).toBeUndefined();
    await expect.poll(() => watcher.removals).toEqual(["a deregistered"]);
  });

  it("is put back when its lease was revoked by hand", async () => {
    const a = await register("a");
    const seen = statuses(a);
    const { lease } = (await get(etcd.url, key("a")))!;
    await call(etcd.url, "lease/revoke", { ID: lease });
    await expect.poll(() => seen).toEqual(["reregistering", "active"]);
    expect((await get(etcd.url, key("a")))!.lease).not.toBe(lease);
    await expect
      .poll(() => watcher.story)
      .toEqual(["initial", "delta", "delta", "delta"]);
    // A revoked lease looks like one that ran out.
    expect(watcher.removals).toEqual(["a expired"]);
  });

  it("is put back when its key was deleted by hand, under the same lease", async () => {
    const a = await register("a");
    const seen = statuses(a);
    const { lease } = (await get(etcd.url, key("a")))!;
    await remove(etcd.url, key("a"));
    await expect.poll(() => seen).toEqual(["reregistering", "active"]);
    expect((await get(etcd.url, key("a")))!.lease).toBe(lease);
    expect(watcher.removals).toEqual(["a unknown"]);
  });

  it("is put back over what somebody scribbled into its key", async () => {
    const a = await register("a");
    await put(etcd.url, key("a"), "scribble");
    await expect.poll(() => watcher.removals).toEqual(["a unknown"]);
    await expect.poll(async () => (await registry.list("web")).length).toBe(1);
    await a.update({ weight: 3 });
    expect(errors.join()).toMatch(/DP_BAD_RECORD.*web\/a/);
  });

  it("gives up for a newer incarnation, and never writes over it", async () => {
    const a = await register("a");
    const seen = statuses(a);
    const newer = { number: Number.MAX_SAFE_INTEGER, owner: "newer" };
    await put(
      etcd.url,
      key("a"),
      writeRecord(instanceOf("web", "a", 81), newer),
    );
    await expect.poll(() => seen).toEqual(["superseded"]);
    await expect(a.update({ weight: 2 })).rejects.toThrow("DP_SUPERSEDED");
    await a.close();
    expect(await registry.list("web")).toMatchObject([{ port: 81 }]);
  });

  it("gives up in an update for a newer incarnation that it had not heard of", async () => {
    const a = await register("a", 60_000);
    const newer = { number: Number.MAX_SAFE_INTEGER, owner: "newer" };
    await put(
      etcd.url,
      key("a"),
      writeRecord(instanceOf("web", "a", 81), newer),
    );
    await expect(a.update({ weight: 2 })).rejects.toThrow("DP_SUPERSEDED");
    expect(await registry.list("web")).toMatchObject([{ port: 81 }]);
  });

  it("takes the place of an older incarnation whose clock ran ahead", async () => {
    const ahead = { number: Date.now() + 3_600_000, owner: "older" };
    await put(
      etcd.url,
      key("a"),
      writeRecord(instanceOf("web", "a", 79), ahead),
    );
    const a = await register("a");
    expect(await registry.list("web")).toEqual([a.instance]);
  });

  it("does not come back over a newer one because its clock runs an hour ahead", async () => {
    const ahead: Clock = {
      now: () => systemClock.now(),
      wallNow: () => systemClock.wallNow() + 3_600_000,
      schedule: (delayMs, callback) => systemClock.schedule(delayMs, callback),
      sleep: (delayMs, signal) => systemClock.sleep(delayMs, signal),
    };
    await using other = etcdRegistry({
      endpoints: [etcd.url],
      prefix,
      clock: ahead,
    });
    const spec = { service: "web", id: "a", host: "h", ttl: 60_000 };
    const older = await other.register({ ...spec, port: 1 });
    const { lease } = (await get(etcd.url, key("a")))!;
    // As after a stall of more than its ttl: nothing is left that would tell its number.
    await call(etcd.url, "lease/revoke", { ID: lease });
    const newer = await registry.register({ ...spec, port: 2 });
    await expect(older.update({ weight: 2 })).rejects.toThrow("DP_SUPERSEDED");
    expect(await registry.list("web")).toEqual([newer.instance]);
  });

  it("is made by each of many that register one id at once, and one of them holds it", async () => {
    const many = Array.from({ length: 8 }, () =>
      etcdRegistry({ endpoints: [etcd.url], prefix }),
    );
    const made = await Promise.all(
      many.map((each, port) =>
        each.register({
          service: "web",
          id: "a",
          host: "h",
          port: port + 1,
          ttl: 1000,
        }),
      ),
    );
    await expect
      .poll(() => made.filter(({ status }) => status === "active"))
      .toHaveLength(1);
    const [holder] = made.filter(({ status }) => status === "active");
    expect(await registry.list("web")).toEqual([holder!.instance]);
    await Promise.all(many.map((each) => each[Symbol.asyncDispose]()));
  });

  it("skips and reports a key that is no instance, in lists and watches, and goes on", async () => {
    await put(etcd.url, key("bad"), "{");
    await put(etcd.url, key("worse"), `{"host":"h","port":"eighty"}`);
    await put(etcd.url, `${prefix}/web/too/deep`, recordText("web", "x", 1));
    await put(etcd.url, key("good"), recordText("web", "good", 1));
    await expect.poll(() => watcher.ids).toEqual(["good"]);
    expect(await registry.list("web")).toHaveLength(1);
    for (const name of ["bad", "worse", "too/deep"])
      expect(
        errors.filter((error) => error.includes(`web/${name}`)),
      ).toHaveLength(2);
    expect(watcher.story).toEqual(["initial", "delta"]);
  });
});
