import { seededRandom } from "@dp/core";
import { servicesSkipped, startEtcd, type Server } from "@dp/services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { etcdRegistry } from "../../../src/registries/etcd/index.ts";
import {
  checkHistory,
  type HistoryEntry,
} from "../../../src/testing/history.ts";
import { base64, call, put, uniquePrefix } from "../../raw-etcd.ts";
import { Recorder } from "../../recorder.ts";
import { instanceOf, recordText } from "../../true-history.ts";

const instances = 10_000;
const changes = 500;
/** Changes under way at once; more than 200 a second on any machine. */
const lanes = 20;
/** What etcd takes in one transaction. */
const perTransaction = 100;

let etcd: Server;

describe.skipIf(servicesSkipped)("ten thousand instances in etcd", () => {
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd.stop());

  it("are all listed, and every change of many is told, once and in order", async () => {
    const prefix = uniquePrefix();
    const leases: string[] = [];
    for (let lease = 0; lease < 4; lease++)
      leases.push(
        (await call<{ ID: string }>(etcd.url, "lease/grant", { TTL: "600" }))
          .ID,
      );
    const truth: HistoryEntry[] = [];
    for (let from = 0; from < instances; from += perTransaction) {
      const ids = Array.from(
        { length: perTransaction },
        (_, at) => `i${from + at}`,
      );
      const success = ids.map((id) => ({
        request_put: {
          key: base64(`${prefix}/web/${id}`),
          value: base64(recordText("web", id, 1)),
          lease: leases[from % leases.length],
        },
      }));
      const revision = BigInt(
        (await call(etcd.url, "kv/txn", { success })).header.revision,
      );
      for (const id of ids)
        truth.push({
          change: { op: "put", instance: instanceOf("web", id, 1, revision) },
          revision,
        });
    }

    await using registry = etcdRegistry({ endpoints: [etcd.url], prefix });
    expect(await registry.list("web")).toHaveLength(instances);
    expect(await registry.services()).toEqual(["web"]);
    const watchers = [
      new Recorder(registry, "web"),
      new Recorder(registry, "web"),
    ];
    await expect
      .poll(() => watchers.map(({ story }) => story))
      .toEqual([["initial"], ["initial"]]);

    const random = seededRandom(5);
    const written: HistoryEntry[] = [];
    await Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        for (let change = 0; change < changes / lanes; change++) {
          const id = `i${Math.floor(random() * (instances / lanes)) * lanes + lane}`;
          const port = change + 2;
          const revision = await put(
            etcd.url,
            `${prefix}/web/${id}`,
            recordText("web", id, port),
            leases[0],
          );
          written.push({
            change: {
              op: "put",
              instance: instanceOf("web", id, port, revision),
            },
            revision,
          });
        }
      }),
    );
    written.sort((one, other) =>
      Number((one.revision ?? 0n) - (other.revision ?? 0n)),
    );
    for (const watcher of watchers) {
      await expect.poll(() => watcher.revision).toBe(written.at(-1)?.revision);
      checkHistory([...truth, ...written], watcher.events, { complete: true });
      expect(watcher.events).toHaveLength(1 + changes);
    }
  });
});
