import { ManualClock, drainMicrotasks } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import type { Instance } from "../instance.ts";
import { candidatesOf } from "../testing/balancer-case.ts";
import type { WatchEvent } from "../watch-event.ts";
import type { Feed } from "./feed.ts";
import { Feeds } from "./feeds.ts";

const [a, b] = candidatesOf(["a", "b"]).map(({ instance }) => instance) as [
  Instance,
  Instance,
];
const mapOf = (...instances: Instance[]) =>
  new Map(instances.map((each) => [each.id, each]));

interface Following {
  readonly service: string;
  readonly feed: Feed<Instance["metadata"]>;
  readonly signal: AbortSignal;
  readonly lose: (error: Error) => void;
}

const open = () => {
  const clock = new ManualClock();
  const followed: Following[] = [];
  const feeds = new Feeds<Instance["metadata"]>(
    clock,
    () => 0.5,
    (service, feed, signal) =>
      new Promise((_resolve, lose) => {
        followed.push({ service, feed, signal, lose });
      }),
  );
  const watch = (signal?: AbortSignal) =>
    feeds.watch("web", signal, () => undefined)[Symbol.asyncIterator]();
  const last = () => followed.at(-1) as Following;
  return { clock, feeds, followed, watch, last };
};

const next = async (
  watch: AsyncIterator<WatchEvent<Instance["metadata"]>>,
): Promise<WatchEvent<Instance["metadata"]>> => {
  const result = await watch.next();
  if (result.done === true) throw new Error("the watch has ended");
  return result.value;
};

describe("the feed of a service", () => {
  it("is followed from its first watch to the end of its last", async () => {
    const { feeds, followed, watch, last } = open();
    const abort = new AbortController();
    const [one, two] = [watch(), watch(abort.signal)];
    expect(followed).toHaveLength(0);
    const firsts = [one.next(), two.next()];
    await drainMicrotasks();
    expect(followed.map(({ service }) => service)).toEqual(["web"]);
    last().feed.replace(mapOf(a), 7n, "store-reset");
    for (const first of firsts)
      expect((await first).value).toEqual({
        type: "sync",
        revision: 7n,
        reason: "initial",
        instances: mapOf(a),
      });
    await one.return?.();
    expect(last().signal.aborted).toBe(false);
    abort.abort();
    expect(last().signal.aborted).toBe(true);
    expect(feeds.size).toBe(0);
    void watch().next();
    expect(followed).toHaveLength(2);
    expect(last().feed.known).toBe(false);
  });

  it("answers a later watch at once from what it knows", async () => {
    const { watch, last } = open();
    const early = watch();
    void early.next();
    last().feed.replace(mapOf(a), 1n, "store-reset");
    last().feed.change([{ op: "put", instance: b }], 2n);
    expect(await next(watch())).toMatchObject({
      type: "sync",
      reason: "initial",
      revision: 2n,
      instances: mapOf(a, b),
    });
  });

  it("passes changes on, and a state that came again with its reason", async () => {
    const { watch, last } = open();
    const reader = watch();
    const first = next(reader);
    last().feed.replace(mapOf(a), 1n, "store-reset");
    expect((await first).type).toBe("sync");
    last().feed.change([{ op: "delete", id: "a", why: "expired" }], 2n);
    expect(await next(reader)).toEqual({
      type: "delta",
      revision: 2n,
      changes: [{ op: "delete", id: "a", why: "expired" }],
    });
    last().feed.replace(mapOf(b), 9n, "compacted");
    expect(await next(reader)).toMatchObject({
      type: "sync",
      revision: 9n,
      reason: "compacted",
      instances: mapOf(b),
    });
  });

  it("gives a reader that is too slow one fresh state", async () => {
    const { watch, last } = open();
    const reader = watch();
    const first = next(reader);
    last().feed.replace(mapOf(a), 1n, "store-reset");
    await first;
    for (let revision = 2n; revision <= 1100n; revision++)
      last().feed.change(
        [{ op: "put", instance: { ...a, revision } }],
        revision,
      );
    expect(await next(reader)).toEqual({
      type: "sync",
      revision: 1100n,
      reason: "overflow",
      instances: mapOf({ ...a, revision: 1100n }),
    });
  });

  it("tells once that contact is lost, since when, and once that it is back", async () => {
    const { clock, followed, watch, last } = open();
    const reader = watch();
    const first = next(reader);
    last().feed.replace(mapOf(a), 1n, "store-reset");
    await first;
    await clock.advance(1000);
    last().feed.touch();
    await clock.advance(500);
    last().lose(new Error("reset"));
    await drainMicrotasks();
    expect(await next(reader)).toEqual({
      type: "stale",
      sinceMs: 1000,
      error: new Error("reset"),
    });
    await clock.advance(55);
    expect(followed).toHaveLength(2);
    last().lose(new Error("refused"));
    await clock.advance(110);
    expect(followed).toHaveLength(3);
    const late = watch();
    expect((await next(late)).type).toBe("sync");
    expect((await next(late)).type).toBe("stale");
    last().feed.found();
    last().feed.found();
    last().feed.change([{ op: "put", instance: b }], 2n);
    for (const each of [reader, late]) {
      expect(await next(each)).toEqual({ type: "fresh", revision: 1n });
      expect((await next(each)).type).toBe("delta");
    }
  });

  it("waits longer with each attempt that gets no answer, and starts anew after one that is more than a sign of life", async () => {
    const { clock, followed, watch, last } = open();
    void watch().next();
    const waits: number[] = [];
    const lose = async (): Promise<void> => {
      const { length } = followed;
      last().lose(new Error("refused"));
      await drainMicrotasks();
      const lostMs = clock.now();
      while (followed.length === length) await clock.advance(10);
      waits.push(clock.now() - lostMs);
    };
    for (let attempt = 0; attempt < 9; attempt++) await lose();
    // 0.1 + 0.9 x 0.5 of caps that double, in steps of 10 ms.
    expect(waits).toEqual([60, 110, 220, 440, 880, 1760, 3520, 5500, 5500]);
    last().feed.touch();
    await lose();
    expect(waits.at(-1)).toBe(5500);
    last().feed.found();
    await lose();
    expect(waits.at(-1)).toBe(60);
  });

  it("is followed in ever longer waits also when it answers and breaks each time", async () => {
    const { clock, followed, watch, last } = open();
    void watch().next();
    await drainMicrotasks();
    while (clock.now() < 600_000) {
      const { length } = followed;
      last().feed.found();
      last().lose(new Error("broken"));
      await drainMicrotasks();
      while (followed.length === length) await clock.advance(10);
    }
    // Ten thousand, were it believed each time.
    expect(followed.length).toBeLessThan(700);
  });

  it("counts what it tells, whichever registry it is", async () => {
    const { clock, feeds, followed, watch, last } = open();
    const figures = (): Record<string, number> =>
      Object.fromEntries(
        feeds.metrics("kind").flatMap(({ name, samples }) =>
          Array.from(samples, ({ labels, value }) => {
            expect(labels["registry"]).toBe("kind");
            return [`${name} ${labels["reason"] ?? ""}`.trim(), value];
          }),
        ),
      );
    void watch().next();
    last().feed.replace(mapOf(a), 1n, "store-reset");
    last().feed.change(
      [
        { op: "put", instance: b },
        { op: "delete", id: "a", why: "expired" },
      ],
      2n,
    );
    last().feed.replace(mapOf(a), 3n, "compacted");
    last().feed.replace(mapOf(b), 4n, "compacted");
    last().feed.replace(mapOf(a), 5n, "store-reset");
    last().lose(new Error("reset"));
    await drainMicrotasks();
    expect(figures()).toEqual({
      dp_discovery_watched_services: 1,
      dp_discovery_watched_services_stale: 1,
      dp_discovery_watch_changes_total: 2,
      dp_discovery_watch_losses_total: 1,
      "dp_discovery_watch_resyncs_total compacted": 2,
      "dp_discovery_watch_resyncs_total store-reset": 1,
    });
    await clock.advance(100);
    expect(followed).toHaveLength(2);
    last().lose(new Error("still"));
    await clock.advance(200);
    expect(figures()["dp_discovery_watch_losses_total"]).toBe(1);
    last().feed.found();
    expect(figures()["dp_discovery_watched_services_stale"]).toBe(0);
    feeds.close();
    expect(figures()["dp_discovery_watched_services"]).toBe(0);
  });

  it("leaves nothing behind when everything is closed", async () => {
    const { clock, feeds, watch, last } = open();
    const reader = watch();
    const first = reader.next();
    last().lose(new Error("refused"));
    await drainMicrotasks();
    expect(clock.pending).toBe(1);
    feeds.close();
    await drainMicrotasks();
    expect((await first).done).toBe(true);
    expect(clock.pending).toBe(0);
    expect(feeds.size).toBe(0);
  });
});

describe("a feed that observes states", () => {
  const observed = async () => {
    const { watch, last } = open();
    const reader = watch();
    const first = next(reader);
    const { feed } = last();
    feed.observe(mapOf(a));
    return { reader, feed, first: await first };
  };

  it("tells the first as it is and then what differs, under numbers of its own", async () => {
    const { reader, feed, first } = await observed();
    expect(first).toMatchObject({ type: "sync", revision: 1n });
    feed.observe(mapOf({ ...b, weight: 3 }));
    expect(await next(reader)).toEqual({
      type: "delta",
      revision: 2n,
      changes: [
        { op: "delete", id: "a", why: "unknown" },
        { op: "put", instance: { ...b, weight: 3, revision: 2n } },
      ],
    });
  });

  it("says nothing when nothing differs, and keeps the instances it had", async () => {
    const { feed } = await observed();
    const held = feed.instances.get("a");
    feed.observe(mapOf({ ...a, revision: 99n, metadata: {} }));
    expect(feed.revision).toBe(1n);
    expect(feed.instances.get("a")).toBe(held);
  });

  it("is in contact again by a state that says the same", async () => {
    const { reader, feed } = await observed();
    feed.lost(new Error("timeout"));
    feed.observe(mapOf(a));
    expect((await next(reader)).type).toBe("stale");
    expect(await next(reader)).toEqual({ type: "fresh", revision: 1n });
  });
});
