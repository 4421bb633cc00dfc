import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import { createLimiter } from "../create-limiter.ts";
import { redisStore, type RedisStoreOptions } from "./index.ts";

/** A client of node-redis that does what the test says. */
class ScriptedClient extends EventEmitter {
  isReady = true;
  readonly asked: string[] = [];
  answers: (() => Promise<unknown>)[] = [];

  evalSha(): Promise<unknown> {
    return this.#answer("evalSha");
  }

  eval(): Promise<unknown> {
    return this.#answer("eval");
  }

  #answer(asked: string): Promise<unknown> {
    this.asked.push(asked);
    return (this.answers.shift() ?? (() => new Promise(() => undefined)))();
  }
}

const reject = (message: string) => (): Promise<never> =>
  Promise.reject(new Error(message));
const replies = (count: number) => (): Promise<unknown> => {
  const taken = Array.from({ length: count }, () => "+1200000");
  return Promise.resolve(["1000000", taken.join(";")]);
};
const allowed = replies(1);

const make = (options: RedisStoreOptions = {}) => {
  const client = new ScriptedClient();
  const store = redisStore(client, options);
  const limiter = createLimiter({
    policies: { perSecond: tokenBucket({ limit: 5, per: "1s" }) },
    store,
    onStoreError: "throw",
  });
  return { client, store, limiter };
};

describe("a store in Redis", () => {
  it("says what the script found", async () => {
    const { client, limiter } = make();
    client.answers = [allowed];
    expect(await limiter.take("ann")).toMatchObject({
      allowed: true,
      source: "store",
      remaining: 4,
      resetAfterMs: 200,
    });
    expect(client.asked).toEqual(["evalSha"]);
  });

  it("sends the script itself only to a Redis that does not know it", async () => {
    const { client, limiter } = make();
    client.answers = [reject("NOSCRIPT No matching script."), allowed];
    expect((await limiter.take("ann")).allowed).toBe(true);
    expect(client.asked).toEqual(["evalSha", "eval"]);
  });

  it("sends nothing again after any other error", async () => {
    const { client, limiter } = make();
    for (const message of ["READONLY", "ERR NOSCRIPT", "Socket closed"]) {
      client.answers = [reject(message), allowed];
      await expect(limiter.take("ann")).rejects.toThrow(message);
    }
    expect(client.asked).toEqual(["evalSha", "evalSha", "evalSha"]);
  });

  it("sends nothing while the client is not ready", async () => {
    const { client, limiter } = make();
    client.isReady = false;
    await expect(limiter.take("ann")).rejects.toThrow("is not connected");
    expect(client.asked).toEqual([]);
  });

  it("gives up after its timeout, and does not send the script later", async () => {
    const { client, limiter } = make({ timeout: 5 });
    let refuse = (): void => undefined;
    client.answers = [
      () =>
        new Promise((_, fail) => {
          refuse = () => fail(new Error("NOSCRIPT"));
        }),
    ];
    await expect(limiter.take("ann")).rejects.toThrow("within 5 ms");
    refuse();
    await expect(limiter.take("bob")).rejects.toThrow("within 5 ms");
    expect(client.asked).toEqual(["evalSha", "evalSha"]);
  });

  it("fails what is under way when a connection is lost", async () => {
    const { client, limiter } = make({ batch: false });
    const lost = limiter.take("ann");
    await expect.poll(() => client.asked).toHaveLength(1);
    client.emit("reconnecting");
    await expect(lost).rejects.toThrow("connection to Redis was lost");
  });

  it("fails all decisions of a call alike", async () => {
    const { client, limiter } = make();
    client.answers = [reject("OOM")];
    const takes = [1, 2, 3].map(() => limiter.take("ann"));
    for (const take of takes) await expect(take).rejects.toThrow("OOM");
    expect(client.asked).toHaveLength(1);
  });

  it("sends no more than 16 takes at once", async () => {
    const { client, limiter } = make();
    client.answers = [replies(16), replies(16), replies(8)];
    const takes = Array.from({ length: 40 }, () => limiter.take("ann"));
    await Promise.all(takes);
    expect(client.asked).toHaveLength(3);
  });

  it("writes 16 calls of ioredis in one piece when each decision has its own", async () => {
    const written: string[] = [];
    const client = Object.assign(new EventEmitter(), {
      status: "ready",
      stream: {
        cork: () => void written.push("cork"),
        uncork: () => void written.push("uncork"),
      },
      evalsha: (): Promise<unknown> => {
        written.push("call");
        return allowed();
      },
      eval: allowed,
    });
    const limiter = createLimiter({
      policies: { perSecond: tokenBucket({ limit: 5, per: "1s" }) },
      store: redisStore(client, { batch: false }),
      onStoreError: "throw",
    });
    await Promise.all(Array.from({ length: 18 }, () => limiter.take("ann")));
    const piece = (count: number): string[] => [
      "cork",
      ...Array.from({ length: count }, () => "call"),
      "uncork",
    ];
    expect(written).toEqual([...piece(16), ...piece(2)]);
  });

  it("listens to a client once, however many stores share it, and no longer than they are open", () => {
    const client = new ScriptedClient();
    const stores = Array.from({ length: 30 }, () => redisStore(client));
    expect(client.listenerCount("reconnecting")).toBe(1);
    for (const store of stores) store[Symbol.dispose]();
    expect(client.eventNames()).toEqual([]);
  });

  it("refuses options out of bounds", () => {
    const client = new ScriptedClient();
    const of = (options: object) => () => redisStore(client, options);
    expect(of({ prefix: "" })).toThrow("prefix must be a string");
    expect(of({ prefix: "a{b}" })).toThrow("without braces");
    expect(of({ timeout: 0 })).toThrow("timeout must be a duration");
    expect(of({ batch: 1 })).toThrow("batch must be true or false");
    expect(of({ denyCache: "yes" })).toThrow("denyCache must be true or false");
    expect(of({ lease: -1 })).toThrow("lease must be an integer");
    expect(of({ lease: 1.5 })).toThrow("lease must be an integer");
    for (const wrong of [undefined, null, "redis://", {}, new EventEmitter()])
      expect(() => redisStore(wrong as never)).toThrow(
        "client must be a client of ioredis or node-redis",
      );
  });
});
