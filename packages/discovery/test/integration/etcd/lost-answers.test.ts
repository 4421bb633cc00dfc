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
import { get, uniquePrefix } from "../../raw-etcd.ts";
import { Recorder } from "../../recorder.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

let etcd: Server;
let proxy: TcpProxy;
let prefix: string;
let registry: EtcdRegistry;
let watcher: Recorder;
let errors: string[];

const register = (ttl: number): Promise<Registration> =>
  registry.register({
    service: "web",
    id: "a",
    host: "10.0.0.1",
    port: 80,
    ttl,
  });

/** What etcd carried out although its answer was lost is found again as one's own. */
describe.skipIf(servicesSkipped)(
  "a registration in etcd whose answers get lost",
  () => {
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
        random: () => 0.01,
        onError: (error) => errors.push(error.message),
      });
      watcher = new Recorder(
        etcdRegistry({ endpoints: [etcd.url], prefix }),
        "web",
      );
      await expect.poll(() => watcher.story).toEqual(["initial"]);
    });
    afterEach(async () => {
      await watcher.stop();
      await registry[Symbol.asyncDispose]();
      await proxy.close();
    });

    it.each([60_000, Infinity])(
      "is made all the same when the first put's is, with a ttl of %s",
      async (ttl) => {
        proxy.lose = "kv/txn";
        const a = await register(ttl);
        expect(proxy.lose).toBeUndefined();
        expect(errors).toHaveLength(1);
        const stored = await get(etcd.url, `${prefix}/web/a`);
        expect(BigInt(stored!.mod_revision)).toBe(a.instance.revision);
        expect(a.status).toBe("active");
        await a.close();
        await expect.poll(() => watcher.removals).toEqual(["a deregistered"]);
      },
    );

    it("is made all the same when the lease's is", async () => {
      proxy.lose = "lease/grant";
      const a = await register(60_000);
      expect(errors).toHaveLength(1);
      expect(await registry.list("web")).toEqual([a.instance]);
    });

    it("has what its owner said last when an update's is", async () => {
      const a = await register(60_000);
      proxy.lose = "kv/txn";
      await a.update({ weight: 2 });
      expect(errors).toHaveLength(1);
      expect(await registry.list("web")).toEqual([a.instance]);
      expect(a.instance.weight).toBe(2);
      expect(a.status).toBe("active");
    });

    it.each(["kv/txn", "lease/revoke"])(
      "leaves all the same when that of %s is, told once",
      async (path) => {
        const a = await register(60_000);
        await expect.poll(() => watcher.ids).toEqual(["a"]);
        proxy.lose = path;
        await a.close();
        expect(errors).toHaveLength(1);
        expect(await get(etcd.url, `${prefix}/web/a`)).toBeUndefined();
        await expect.poll(() => watcher.removals).toEqual(["a deregistered"]);
        expect(watcher.story).toEqual(["initial", "delta", "delta"]);
      },
    );
  },
);
