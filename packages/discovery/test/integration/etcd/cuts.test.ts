import { seededRandom } from "@dp/core";
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
import { checkHistory } from "../../../src/testing/history.ts";
import { uniquePrefix } from "../../raw-etcd.ts";
import { Recorder } from "../../recorder.ts";
import { startTcpProxy, type Cut, type TcpProxy } from "./tcp-proxy.ts";
import { TrueHistory } from "../../true-history.ts";

let etcd: Server;
let proxy: TcpProxy;
let registry: EtcdRegistry;
let history: TrueHistory;
let watcher: Recorder;

describe.skipIf(servicesSkipped)(
  "a watch of etcd whose connection is cut",
  () => {
    beforeAll(async () => {
      etcd = await startEtcd();
    });
    afterAll(() => etcd.stop());

    beforeEach(async () => {
      const prefix = uniquePrefix();
      proxy = await startTcpProxy(etcd.port);
      // Retries come at once.
      registry = etcdRegistry({
        endpoints: [proxy.url],
        prefix,
        random: () => 0.01,
      });
      history = new TrueHistory(etcd.url, prefix, seededRandom(1));
      watcher = new Recorder(registry, "web");
      await expect.poll(() => watcher.story).toEqual(["initial"]);
    });
    afterEach(async () => {
      await registry[Symbol.asyncDispose]();
      await proxy.close();
    });

    const seesAll = async (): Promise<void> => {
      const last = history.entries.at(-1)?.revision;
      await expect.poll(() => watcher.revision).toBe(last);
      checkHistory(history.entries, watcher.events, { complete: true });
      // Nothing was listed anew: what the checker has seen are the deltas.
      expect(
        watcher.story.filter(
          (kind) => kind !== "delta" && kind !== "stale" && kind !== "fresh",
        ),
      ).toEqual(["initial"]);
    };

    /** Away while much happens, then cut by each of these in turn. */
    const catchUpThrough = async (
      cuts: readonly Cut[],
      leastCuts: number,
    ): Promise<void> => {
      proxy.mode = "refuse";
      proxy.cut();
      await history.make(1100);
      proxy.cuts = [...cuts];
      proxy.mode = "pass";
      await seesAll();
      expect(proxy.cutWatches).toBeGreaterThanOrEqual(leastCuts);
    };

    it("loses nothing however often and wherever a batch of a thousand revisions is cut", async () => {
      const random = seededRandom(2);
      const bytes = Array.from(
        { length: 25 },
        () => Math.floor(random() ** 2 * 400_000) + 1,
      );
      await catchUpThrough(
        bytes.map((each) => ({ bytes: each })),
        15,
      );
    });

    it("loses nothing when cut right after the confirmation, again and again, and between batches", async () => {
      await catchUpThrough(
        [{ lines: 1 }, { lines: 1 }, { lines: 2 }, { lines: 1 }],
        4,
      );
    });

    it("loses nothing when cut at any byte of single events", async () => {
      const random = seededRandom(3);
      const rounds = 8;
      for (let round = 0; round < rounds; round++) {
        proxy.cuts = Array.from({ length: 4 }, () => ({
          bytes: Math.floor(random() * 3000) + 1,
        }));
        proxy.cut();
        const { cutWatches } = proxy;
        await history.make(40, 8);
        // So many bytes have to come through that one cut at least is due.
        await expect.poll(() => proxy.cutWatches).toBeGreaterThan(cutWatches);
      }
      proxy.cuts = [];
      await seesAll();
      expect(proxy.cutWatches).toBeGreaterThanOrEqual(rounds);
    });
  },
);
