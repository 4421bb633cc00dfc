import { ManualClock } from "@dp/core/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  header,
  startEtcdDouble,
  type EtcdDouble,
  type OpenWatch,
} from "../../../test/etcd-double.ts";
import { recordText } from "../../../test/true-history.ts";
import { Recorder } from "../../../test/recorder.ts";
import { etcdRegistry, type EtcdRegistry } from "./etcd-registry.ts";
import { encode } from "./wire.ts";

let clock: ManualClock;
let double: EtcdDouble;
let registry: EtcdRegistry;
let watcher: Recorder;
let errors: string[];
/** What the store holds, for listings. */
let kvs: object[];
let revision: number;
let clusterId: string;

const kv = (id: string, at: number): object => ({
  key: encode(`/dp/discovery/web/${id}`),
  value: encode(recordText("web", id, 80)),
  create_revision: String(at),
  mod_revision: String(at),
  version: "1",
});
const gone = (id: string, at: number): object => ({
  type: "DELETE",
  kv: { key: encode(`/dp/discovery/web/${id}`), mod_revision: String(at) },
});

const head = (at: number = revision): object => ({
  ...header(at),
  cluster_id: clusterId,
});

/** The next watch, once it is there, confirmed. */
const watch = async (
  count: number,
  at: number = revision,
): Promise<OpenWatch> => {
  await expect.poll(() => double.watches.length).toBe(count);
  const opened = double.watches[count - 1]!;
  opened.send({ header: head(at), created: true });
  return opened;
};

/** Contact is lost; the next attempt comes after the backoff, on the manual clock. */
const again = async (count: number): Promise<void> => {
  await expect.poll(() => watcher.story.at(-1)).toBe("stale");
  await expect
    .poll(async () => {
      await clock.advance(100);
      return double.watches.length;
    })
    .toBe(count);
};

/** The next listing comes after the backoff when the last one led to nothing. */
const listedAnew = async (): Promise<void> => {
  await expect
    .poll(async () => {
      await clock.advance(100);
      return watcher.story;
    })
    .toEqual(["initial", "compacted"]);
};

beforeEach(async () => {
  clock = new ManualClock();
  double = await startEtcdDouble();
  errors = [];
  kvs = [kv("a", 40)];
  revision = 42;
  clusterId = "7";
  double.answer = () => ({
    body: { header: head(), kvs, count: String(kvs.length) },
  });
  registry = etcdRegistry({
    endpoints: [double.url],
    clock,
    random: () => 0.5,
    onError: (error) => errors.push(error.message),
  });
  watcher = new Recorder(registry, "web");
  await expect.poll(() => watcher.story).toEqual(["initial"]);
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  expect(clock.pending).toBe(0);
  await double.close();
});

describe("a watch of etcd", () => {
  it("begins after the revision of the listing, asks for progress, and refuses a member without a leader", async () => {
    const first = await watch(1);
    expect(first.startRevision).toBe("43");
    expect(first.headers["grpc-metadata-hasleader"]).toBe("true");
    const { body } = double.asked.find(({ path }) => path === "watch")!;
    expect(body["create_request"]).toMatchObject({
      key: encode("/dp/discovery/web/"),
      range_end: encode("/dp/discovery/web0"),
      progress_notify: true,
    });
  });

  it("goes on at the same place when it was lost right after a confirmation far ahead of it", async () => {
    (await watch(1, 57)).drop();
    await again(2);
    expect(double.watches[1]?.startRevision).toBe("43");
  });

  it("goes on after the last event, not after the header beside it", async () => {
    const first = await watch(1, 57);
    first.send({ header: header(57), events: [{ kv: kv("b", 44) }] });
    await expect.poll(() => watcher.ids).toEqual(["a", "b"]);
    first.drop();
    await again(2);
    expect(double.watches[1]?.startRevision).toBe("45");
  });

  it("goes on after a note of progress", async () => {
    const first = await watch(1);
    first.send({ header: header(61) });
    first.send({ header: header(62), events: [{ kv: kv("b", 62) }] });
    await expect.poll(() => watcher.ids).toEqual(["a", "b"]);
    first.send({ header: header(70) });
    first.sendRaw("\n");
    first.end();
    await again(2);
    expect(double.watches[1]?.startRevision).toBe("71");
  });

  it("tells several revisions of one message apart, and one revision of several fragments as one", async () => {
    const first = await watch(1);
    first.send({
      header: header(50),
      fragment: true,
      events: [{ kv: kv("b", 43) }, { kv: kv("c", 44) }],
    });
    first.send({
      header: header(50),
      events: [gone("a", 44), { kv: kv("d", 45) }],
    });
    await expect.poll(() => watcher.ids).toEqual(["b", "c", "d"]);
    const deltas = watcher.events.slice(1);
    expect(deltas).toMatchObject([
      { revision: 43n, changes: [{ op: "put" }] },
      {
        revision: 44n,
        changes: [{ op: "put" }, { op: "delete", id: "a", why: "unknown" }],
      },
      { revision: 45n, changes: [{ op: "put" }] },
    ]);
  });

  it("reads lines and characters that come in pieces", async () => {
    const first = await watch(1);
    const line = Buffer.from(
      `${JSON.stringify({ result: { header: header(43), note: "é漢🙂", events: [{ kv: kv("é", 43) }] } })}\n`,
    );
    for (const byte of line) first.sendRaw(Buffer.from([byte]));
    await expect.poll(() => watcher.ids).toEqual(["a", "é"]);
  });

  it("lists anew after a compaction, told once", async () => {
    const first = await watch(1);
    kvs = [kv("a", 40), kv("b", 60)];
    revision = 60;
    first.send({
      header: { cluster_id: "7" },
      canceled: true,
      compact_revision: "59",
    });
    await listedAnew();
    expect(watcher.ids).toEqual(["a", "b"]);
    expect((await watch(2)).startRevision).toBe("61");
  });

  it("lists anew when the revision before its place is compacted, before it claims to be fresh", async () => {
    (await watch(1)).drop();
    await again(2);
    const { answer } = double;
    double.answer = (asked) =>
      asked.body["revision"] === undefined
        ? answer(asked)
        : {
            status: 400,
            body: {
              code: 11,
              message: "etcdserver: mvcc: required revision has been compacted",
            },
          };
    await watch(2);
    await expect
      .poll(() => watcher.story)
      .toEqual(["initial", "stale", "compacted"]);
  });

  it("lists anew when the store of before its place is not the one it knows", async () => {
    (await watch(1)).drop();
    await again(2);
    kvs = [kv("a", 41)];
    await watch(2);
    await expect
      .poll(() => watcher.story)
      .toEqual(["initial", "stale", "store-reset"]);
  });

  it("waits longer and longer where lists and watches are of two stores", async () => {
    const listed = head();
    double.answer = () => ({ body: { header: listed, kvs } });
    clusterId = "8";
    for (let count = 1; count <= 4; count++) {
      await watch(count);
      const before = double.times("kv/range");
      await expect.poll(() => clock.pending).toBe(1);
      await clock.advance(54 * 2 ** (count - 1));
      expect(double.times("kv/range")).toBe(before);
      await clock.advance(2 ** count);
      await expect.poll(() => double.watches.length).toBe(count + 1);
    }
    expect(errors).toEqual([]);
  });

  it("waits longer and longer for a member that refuses every watch", async () => {
    const refuse = async (count: number): Promise<void> => {
      await expect.poll(() => double.watches.length).toBe(count);
      double.watches[count - 1]!.send({
        header: head(),
        created: true,
        canceled: true,
        cancel_reason: "rpc error: code = PermissionDenied",
      });
      await expect.poll(() => errors.length).toBe(count);
    };
    for (let count = 1; count <= 4; count++) {
      await refuse(count);
      await clock.advance(54 * 2 ** (count - 1));
      expect(double.watches).toHaveLength(count);
      await clock.advance(2 ** count);
    }
    await expect.poll(() => double.watches.length).toBe(5);
  });

  it("goes on at a member that lags behind, as soon as that has caught up", async () => {
    await watch(1, 41);
    await expect.poll(() => double.times("kv/range")).toBe(2);
    double.watches[0]!.send({
      header: header(43),
      events: [{ kv: kv("b", 43) }],
    });
    await expect.poll(() => watcher.story).toEqual(["initial", "delta"]);
  });

  it.each([
    ["has less than was told", () => (revision = 30)],
    ["is of another cluster", () => (clusterId = "8")],
  ])(
    "lists anew when the store %s, although its keys are the same",
    async (_, happens) => {
      (await watch(1)).drop();
      await again(2);
      happens();
      await watch(2);
      await expect
        .poll(() => watcher.story)
        .toEqual(["initial", "stale", "store-reset"]);
    },
  );

  it.each([
    [
      "a cancellation for want of a leader",
      {
        result: {
          header: header(42),
          canceled: true,
          cancel_reason: "etcdserver: no leader",
        },
      },
      /no leader/,
    ],
    [
      "an error of 3.4",
      {
        error: {
          grpc_code: 14,
          http_code: 503,
          message: "transport is closing",
        },
      },
      /transport is closing/,
    ],
    [
      "an error of 3.5 and later",
      { error: { code: 14, message: "transport is closing" } },
      /transport is closing/,
    ],
  ])("is stale after %s, says why, and tries again", async (_, line, why) => {
    const first = await watch(1);
    first.sendRaw(`${JSON.stringify(line)}\n`);
    await again(2);
    await watch(2);
    await expect
      .poll(() => watcher.story)
      .toEqual(["initial", "stale", "fresh"]);
    const stale = watcher.events[1];
    expect(stale?.type === "stale" && stale.error.message).toMatch(why);
    expect(errors.join()).toMatch(why);
  });

  it("lists anew instead of keeping a line without end", async () => {
    const first = await watch(1);
    for (let mebibyte = 0; mebibyte < 17; mebibyte++)
      first.sendRaw(Buffer.alloc(1 << 20, "x"));
    await listedAnew();
  });

  it("waits before it lists again when a watch came to nothing, opened or not", async () => {
    const waits = vi.spyOn(clock, "sleep").mockResolvedValue();
    for (let count = 1; count <= 3; count++)
      (await watch(count)).send({
        header: { cluster_id: "7" },
        canceled: true,
        compact_revision: "42",
      });
    await watch(4);
    expect(waits.mock.calls.map(([ms]) => Math.round(ms))).toEqual([
      55, 55, 55,
    ]);
  });

  it("is stale when it is not opened in time, although the connection stands", async () => {
    await expect.poll(() => double.watches.length).toBe(1);
    await clock.advance(5000);
    await expect.poll(() => watcher.story).toEqual(["initial", "stale"]);
    expect(watcher.events[1]).toMatchObject({ sinceMs: 0 });
  });

  it("asks after half of detect, and is stale after all of it when there is no answer", async () => {
    await watch(1);
    const asked = double.times("kv/range");
    // It is confirmed as soon as it looks for silence: the timer of the opening is gone.
    await expect
      .poll(async () => {
        await clock.advance(100);
        return double.times("kv/range");
      })
      .toBe(asked + 1);
    double.answer = () => undefined;
    const lastMs = clock.now();
    await clock.advance(2600);
    await clock.advance(2600);
    await expect.poll(() => watcher.story).toEqual(["initial", "stale"]);
    const stale = watcher.events[1];
    expect(stale?.type === "stale" && stale.sinceMs).toBeLessThanOrEqual(
      lastMs + 100,
    );
  });
});
