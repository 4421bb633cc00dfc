import { drainMicrotasks, ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { Feed } from "../../remote/feed.ts";
import { FeedCounts } from "../../remote/feed-counts.ts";
import type { ScriptClient } from "./redis-client.ts";
import type { RedisStore } from "./redis-store.ts";
import { followRedis } from "./redis-watch.ts";

const looks = 200;

const open = () => {
  const clock = new ManualClock();
  let lose: (error: Error) => void = () => undefined;
  const lost = new Promise<never>((_resolve, reject) => (lose = reject));
  let listeners = 0;
  const then = lost.then.bind(lost);
  lost.then = ((...handlers: Parameters<typeof then>) => {
    listeners++;
    return then(...handlers);
  }) as typeof lost.then;
  let waits = 0;
  let closed = 0;
  const client = {
    openReader: () => ({
      isReady: true,
      lost,
      wait: () =>
        ++waits < looks ? Promise.resolve() : new Promise(() => undefined),
      close: () => closed++,
    }),
  } as unknown as ScriptClient;
  const store = {
    logOf: () => "log",
    look: () =>
      Promise.resolve({
        kind: "changes",
        revision: 7n,
        dueMs: Infinity,
        changes: [],
      }),
  } as unknown as RedisStore;
  const follow = followRedis({
    client,
    store,
    clock,
    random: () => 0,
    detectMs: 5000,
    skipped: () => undefined,
  });
  const abort = new AbortController();
  const feed = new Feed(clock, 10, new FeedCounts(), () => undefined);
  const ended = follow("web", feed, abort.signal);
  ended.catch(() => undefined);
  return {
    clock,
    abort,
    ended,
    lose: (error: Error) => lose(error),
    waits: () => waits,
    listeners: () => listeners,
    closed: () => closed,
  };
};

const settled = async (waits: () => number): Promise<void> => {
  while (waits() < looks) await drainMicrotasks();
};

describe("a watch of Redis", () => {
  it("keeps nothing of the looks it has taken, however many there were", async () => {
    const { waits, listeners, abort, ended } = open();
    await settled(waits);
    expect(listeners()).toBeLessThan(5);
    abort.abort(new Error("enough"));
    await expect(ended).rejects.toThrow("enough");
  });

  it("ends at once when its connection is lost, and leaves neither timer nor connection", async () => {
    const { waits, lose, ended, closed, clock } = open();
    await settled(waits);
    lose(new Error("reset"));
    await expect(ended).rejects.toThrow("reset");
    expect(closed()).toBe(1);
    expect(clock.pending).toBe(0);
  });
});
