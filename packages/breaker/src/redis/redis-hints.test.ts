import { EventEmitter } from "node:events";
import { renderPrometheus, seededRandom } from "@dp/core";
import { drainMicrotasks } from "@dp/core/testing";
import { describe, expect, it, vi } from "vitest";
import type { Hint } from "../index.ts";
import { redisHints, type RedisHintsOptions } from "./index.ts";

/** A client of node-redis that does what the test says. */
class ScriptedClient extends EventEmitter {
  isReady = true;
  readonly asked: string[] = [];
  readonly sent: string[] = [];
  readonly listeningOn = new Map<string, (message: string) => void>();
  answer: () => Promise<unknown> = () => Promise.resolve(1);

  publish(_channel: string, message: string): Promise<unknown> {
    this.sent.push(message);
    return this.answer();
  }

  subscribe(
    channel: string,
    listener: (message: string) => void,
  ): Promise<unknown> {
    this.asked.push(`subscribe ${channel}`);
    this.listeningOn.set(channel, listener);
    return this.answer();
  }

  unsubscribe(channel: string): Promise<unknown> {
    this.asked.push(`unsubscribe ${channel}`);
    this.listeningOn.delete(channel);
    return this.answer();
  }

  connect(): void {
    this.isReady = true;
    this.emit("ready");
  }

  say(message: string): void {
    for (const listener of this.listeningOn.values()) listener(message);
  }
}

/** One of ioredis: the same but for how it says that it is ready, and one event for all messages. */
class ScriptedIoredis extends EventEmitter {
  status = "ready";
  readonly asked: string[] = [];

  publish(): Promise<unknown> {
    return Promise.resolve(1);
  }

  subscribe(channel: string): Promise<unknown> {
    this.asked.push(`subscribe ${channel}`);
    return Promise.resolve(1);
  }

  unsubscribe(channel: string): Promise<unknown> {
    this.asked.push(`unsubscribe ${channel}`);
    return Promise.resolve(0);
  }
}

const make = (options: Partial<RedisHintsOptions> = {}) => {
  const publisher = new ScriptedClient();
  const subscriber = new ScriptedClient();
  const hints = redisHints({ publisher, subscriber, source: "me", ...options });
  const count = (metric: string, reason?: string): number => {
    const family = [...hints.metrics()].find(
      ({ name }) => name === `dp_breaker_hints_${metric}`,
    );
    const samples = [...(family?.samples ?? [])];
    return samples.find(({ labels }) => labels["reason"] === reason)!.value;
  };
  return { publisher, subscriber, hints, count };
};
const hint = { breaker: "payments", state: "open", forMs: 1_000 } as const;
const message = (part: object = {}): string =>
  JSON.stringify({ v: 1, source: "other", ...hint, ...part });

describe("publishing a hint", () => {
  it("sends it with the source, and counts it when Redis has it", async () => {
    const { hints, publisher, count } = make();
    hints.publish(hint);
    expect(publisher.sent.map((sent) => JSON.parse(sent) as unknown)).toEqual([
      { v: 1, source: "me", ...hint },
    ]);
    expect(count("published_total")).toBe(0);
    await drainMicrotasks();
    expect(count("published_total")).toBe(1);
  });

  it("sends nothing while the client is not ready", () => {
    const { hints, publisher, count } = make();
    publisher.isReady = false;
    hints.publish(hint);
    publisher.connect();
    expect(publisher.sent).toEqual([]);
    expect(count("dropped_total", "not-ready")).toBe(1);
  });

  it("never throws or rejects, however it fails", async () => {
    const { hints, publisher, count } = make();
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    publisher.answer = () => Promise.reject(new Error("down"));
    hints.publish(hint);
    publisher.answer = () => {
      throw new Error("broken");
    };
    hints.publish(hint);
    await drainMicrotasks();
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(count("dropped_total", "failed")).toBe(2);
  });

  it("does not pile up in a client that has lost its connection without knowing", async () => {
    const { hints, publisher, count } = make();
    const answers: ((value: number) => void)[] = [];
    publisher.answer = () => new Promise((resolve) => answers.push(resolve));
    for (let time = 0; time < 1_000; time++) hints.publish(hint);
    expect(publisher.sent).toHaveLength(256);
    expect(count("dropped_total", "backlog")).toBe(744);
    for (const answer of answers) answer(1);
    await drainMicrotasks();
    hints.publish(hint);
    expect(publisher.sent).toHaveLength(257);
  });

  it("does not send what others would not take", () => {
    const { hints, publisher, count } = make();
    hints.publish({ ...hint, breaker: "a".repeat(201) });
    hints.publish({ ...hint, forMs: NaN });
    expect(publisher.sent).toEqual([]);
    expect(count("dropped_total", "invalid")).toBe(2);
  });
});

describe("subscribing to hints", () => {
  it("asks Redis once, for the first listener", () => {
    const { hints, subscriber } = make();
    expect(subscriber.asked).toEqual([]);
    hints.subscribe(() => undefined);
    hints.subscribe(() => undefined);
    expect(subscriber.asked).toEqual(["subscribe dp:breaker:hints"]);
  });

  it("waits for a client that is not connected yet", async () => {
    const { hints, subscriber, count } = make();
    subscriber.isReady = false;
    hints.subscribe(() => undefined);
    expect(subscriber.asked).toEqual([]);
    subscriber.connect();
    await drainMicrotasks();
    expect(subscriber.asked).toEqual(["subscribe dp:breaker:hints"]);
    expect(count("listening")).toBe(1);
    subscriber.isReady = false;
    expect(count("listening")).toBe(0);
  });

  it("asks again at the next connection when Redis has refused", async () => {
    const { hints, subscriber, count } = make();
    subscriber.answer = () => Promise.reject(new Error("NOPERM"));
    hints.subscribe(() => undefined);
    await drainMicrotasks();
    expect(count("listening")).toBe(0);
    subscriber.answer = () => Promise.resolve();
    subscriber.connect();
    await drainMicrotasks();
    expect(count("listening")).toBe(1);
  });

  it("hears the hints of others, and not its own", () => {
    const { hints, subscriber, count } = make();
    const heard: Hint[] = [];
    const stop = hints.subscribe((one) => heard.push(one));
    subscriber.say(message({ source: "me" }));
    subscriber.say(message());
    stop();
    subscriber.say(message());
    expect(heard).toEqual([{ source: "other", ...hint }]);
    expect(count("received_total")).toBe(2);
  });

  it("counts rubbish and goes on", () => {
    const { hints, subscriber, count } = make();
    const heard = vi.fn();
    hints.subscribe(heard);
    for (const rubbish of ["", "{", "[]", message({ v: 2 })])
      subscriber.say(rubbish);
    expect(heard).not.toHaveBeenCalled();
    expect(count("dropped_total", "invalid")).toBe(4);
    subscriber.say(message());
    expect(heard).toHaveBeenCalledOnce();
  });

  it("calls all listeners when one of them throws, whose error stays loud", () => {
    const { hints, subscriber } = make();
    const later: (() => void)[] = [];
    vi.stubGlobal("queueMicrotask", (task: () => void) => later.push(task));
    try {
      const other = vi.fn();
      hints.subscribe(() => {
        throw new Error("a bug in the listener");
      });
      hints.subscribe(other);
      subscriber.say(message());
      expect(other).toHaveBeenCalledOnce();
      expect(later).toHaveLength(1);
      expect(later[0]).toThrow("a bug in the listener");
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("hears with ioredis what is said on its own channel only", () => {
    const subscriber = new ScriptedIoredis();
    const { hints } = make({ subscriber, channel: "hints" });
    const heard = vi.fn();
    hints.subscribe(heard);
    subscriber.emit("message", "other", message());
    expect(heard).not.toHaveBeenCalled();
    subscriber.emit("message", "hints", message());
    expect(heard).toHaveBeenCalledOnce();
  });

  it("waits with ioredis for its status", () => {
    const subscriber = new ScriptedIoredis();
    subscriber.status = "connecting";
    const { hints } = make({ subscriber });
    hints.subscribe(() => undefined);
    expect(subscriber.asked).toEqual([]);
    subscriber.status = "ready";
    subscriber.emit("ready");
    expect(subscriber.asked).toEqual(["subscribe dp:breaker:hints"]);
  });
});

describe("closed hints", () => {
  it("leave the clients as they were, but for the subscription", () => {
    for (const subscriber of [new ScriptedClient(), new ScriptedIoredis()]) {
      const { hints } = make({ subscriber });
      const heard = vi.fn();
      hints.subscribe(heard);
      hints.close();
      hints[Symbol.dispose]();
      expect(subscriber.asked).toEqual([
        "subscribe dp:breaker:hints",
        "unsubscribe dp:breaker:hints",
      ]);
      expect(subscriber.eventNames()).toEqual([]);
    }
  });

  it("hear and send nothing any more", () => {
    const { hints, publisher, subscriber, count } = make();
    const heard = vi.fn();
    hints.subscribe(heard);
    const late = subscriber.listeningOn.get("dp:breaker:hints")!;
    hints.close();
    late(message());
    hints.subscribe(heard);
    hints.publish(hint);
    expect(heard).not.toHaveBeenCalled();
    expect(publisher.sent).toEqual([]);
    expect(subscriber.asked).toHaveLength(2);
    expect(count("dropped_total", "closed")).toBe(1);
    expect(count("listening")).toBe(0);
  });

  it("ask nothing of a client that was asked nothing", () => {
    const { hints, subscriber } = make();
    subscriber.isReady = false;
    hints.subscribe(() => undefined);
    hints.close();
    subscriber.connect();
    expect(subscriber.asked).toEqual([]);
  });

  it("do not mind a client that cannot unsubscribe", async () => {
    const { hints, subscriber } = make();
    hints.subscribe(() => undefined);
    subscriber.answer = () => Promise.reject(new Error("down"));
    hints.close();
    await drainMicrotasks();
  });
});

describe("the metrics of hints", () => {
  it("are of their channel", async () => {
    const { hints } = make({ channel: "shop" });
    hints.publish(hint);
    await drainMicrotasks();
    const text = renderPrometheus([hints]);
    expect(text).toContain(
      'dp_breaker_hints_published_total{channel="shop"} 1',
    );
    expect(text).toContain(
      'dp_breaker_hints_dropped_total{channel="shop",reason="not-ready"} 0',
    );
  });
});

describe("the options of hints", () => {
  it("make a source of chance that differs in each process", () => {
    const sources = [1, 2].map(
      (seed) =>
        make({ source: undefined, random: seededRandom(seed) }).hints.source,
    );
    for (const source of sources) expect(source).toMatch(/^[0-9a-f]{16}$/);
    expect(new Set(sources).size).toBe(2);
    expect(make({ source: undefined, random: () => 0 }).hints.source).toBe(
      "0000000000000000",
    );
  });

  it("are refused when out of bounds", () => {
    const client = new ScriptedClient();
    expect(make().hints.quorum).toBe(2);
    expect(() => make({ quorum: 0 })).toThrow("quorum must be an integer");
    expect(() => make({ channel: "" })).toThrow("channel must be a string");
    expect(() => make({ source: "" })).toThrow("source must be a string");
    expect(() => make({ source: "a".repeat(65) })).toThrow(
      "source must be a string of at most 64 characters",
    );
    expect(() => make({ publisher: client, subscriber: client })).toThrow(
      "subscriber must be another client than the publisher",
    );
    for (const wrong of [undefined, null, "redis://", {}, new EventEmitter()])
      expect(() => make({ publisher: wrong as never })).toThrow(
        "publisher must be a client of ioredis or node-redis",
      );
  });
});
