import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import { createLimiter } from "../create-limiter.ts";
import { rateLimitHeaders } from "./headers.ts";
import { pacedFetch, type PacedFetchOptions } from "./paced-fetch.ts";
import { WaitTooLongError } from "./wait-too-long-error.ts";

const url = "http://example.test/items";

/** A paced fetch over a server that answers as told, and the times at which it was asked. */
const scene = (
  answer: (count: number, path: string) => Response | Promise<Response>,
  options: PacedFetchOptions = {},
) => {
  const clock = new ManualClock();
  const asked: (readonly [ms: number, path: string])[] = [];
  const fetch = pacedFetch(
    async (resource) => {
      const path = String(
        resource instanceof Request ? resource.url : resource,
      ).slice(url.length);
      asked.push([clock.now(), path]);
      return answer(asked.length, path);
    },
    { clock, ...options },
  );
  return { clock, asked, fetch, times: () => asked.map(([ms]) => ms) };
};

const telling = (value: string): Response =>
  new Response(null, { headers: { RateLimit: value } });

describe("pacedFetch", () => {
  it("sends at once while nothing is told", async () => {
    const { fetch, times, clock } = scene(() => new Response("hello"));
    const responses = await Promise.all([
      fetch(url),
      fetch(new URL(url)),
      fetch(new Request(url)),
    ]);
    expect(await responses[2].text()).toBe("hello");
    expect(times()).toEqual([0, 0, 0]);
    expect(clock.pending).toBe(0);
  });

  it("waits for the reset when nothing is left, and then asks in order", async () => {
    const { fetch, asked, clock } = scene((count) =>
      telling(count === 1 ? '"api";r=0;t=10' : '"api";r=9;t=10'),
    );
    await fetch(url);
    const all = Promise.all(["a", "b", "c"].map((path) => fetch(url + path)));
    await clock.advance(30_000);
    await all;
    expect(asked).toEqual([
      [0, ""],
      [10_000, "a"],
      [11_000, "b"],
      [12_000, "c"],
    ]);
    expect(clock.pending).toBe(0);
  });

  it("spreads a quota evenly over its window", async () => {
    const { fetch, times, clock } = scene((count) =>
      telling(`"api";r=${10 - count};t=${10 - Math.floor(clock.now() / 1000)}`),
    );
    const work = (async () => {
      for (let count = 0; count < 10; count++) await fetch(url);
    })();
    await clock.advance(20_000);
    await work;
    expect(times()).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => n * 1000),
    );
  });

  it.each([429, 503])(
    "holds the next request back by the Retry-After of a %i, which it gives back",
    async (status) => {
      const { fetch, times, clock } = scene((count) =>
        count === 1
          ? new Response("no", { status, headers: { "Retry-After": "7" } })
          : new Response("yes"),
      );
      expect((await fetch(url)).status).toBe(status);
      const rest = Promise.all([fetch(url), fetch(url)]);
      await clock.advance(7000);
      expect((await rest).map((response) => response.status)).toEqual([
        200, 200,
      ]);
      expect(times()).toEqual([0, 7000, 7000]);
    },
  );

  it("pays no heed to a Retry-After elsewhere, nor to what a cache tells", async () => {
    const { fetch, times } = scene(
      (count) =>
        new Response(null, {
          headers:
            count === 1
              ? { "Retry-After": "7" }
              : { RateLimit: '"api";r=0;t=60', Age: "5" },
        }),
    );
    for (let count = 0; count < 3; count++) await fetch(url);
    expect(times()).toEqual([0, 0, 0]);
  });

  it("keeps servers apart, or whatever else its key tells apart", async () => {
    const none = '"api";r=0;t=60';
    const apart = scene(() => telling(none));
    await apart.fetch(url);
    await apart.fetch("http://example.test:81/");
    expect(apart.times()).toEqual([0, 0]);
    const together = scene(() => telling(none), { key: () => "all" });
    await together.fetch(url);
    const second = together.fetch("http://other.test/");
    await together.clock.advance(60_000);
    await second;
    expect(together.times()).toEqual([0, 60_000]);
  });

  it("lets a call whose signal aborts leave the line at once", async () => {
    const { fetch, asked, clock } = scene(() => telling('"api";r=0;t=10'));
    await fetch(url);
    const leaving = new AbortController();
    const first = fetch(`${url}1`, { signal: leaving.signal });
    const second = fetch(new Request(`${url}2`, { signal: leaving.signal }));
    const third = fetch(new Request(`${url}3`, { signal: leaving.signal }), {
      signal: null,
    });
    const reason = new Error("no longer needed");
    leaving.abort(reason);
    await expect(first).rejects.toBe(reason);
    await expect(second).rejects.toBe(reason);
    await expect(fetch(url, { signal: leaving.signal })).rejects.toBe(reason);
    await clock.advance(10_000);
    await third;
    expect(asked.at(-1)).toEqual([10_000, "3"]);
    expect(clock.pending).toBe(0);
  });

  it("leaves no timer when the last waiting call aborts", async () => {
    const { fetch, clock } = scene(() => telling('"api";r=0;t=10'));
    await fetch(url);
    const leaving = new AbortController();
    const call = fetch(url, { signal: leaving.signal });
    leaving.abort();
    await expect(call).rejects.toThrow("aborted");
    expect(clock.pending).toBe(0);
  });

  it("rejects at once what the server makes wait too long, and says how long", async () => {
    const { fetch, asked } = scene(() => telling('"api";r=0;t=3600'));
    await fetch(url);
    const error: unknown = await fetch(url).catch((reason: unknown) => reason);
    expect(WaitTooLongError.is(error)).toBe(true);
    expect(error).toMatchObject({
      code: "DP_WAIT_TOO_LONG",
      retryable: true,
      key: "http://example.test",
      waitMs: 3_600_000,
      maxWaitMs: 60_000,
    });
    expect((error as Error).message).toBe(
      "DP_WAIT_TOO_LONG: http://example.test takes no request for another 3600000 ms, and 60000 ms is the longest wait",
    );
    expect(asked).toHaveLength(1);
  });

  it("rejects those in line when their time is up, and not before: a response may bring their turn nearer", async () => {
    const { fetch, times, clock } = scene(
      (count) => telling(count === 2 ? '"api";r=9;t=10' : '"api";r=0;t=50'),
      { maxWait: 60_000 },
    );
    await fetch(url);
    const calls = Promise.allSettled([fetch(url), fetch(url), fetch(url)]);
    await clock.advance(51_000);
    expect(times()).toEqual([0, 50_000, 51_000]);
    // The third told that nothing is left: the fourth cannot make it.
    expect((await calls).map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
    ]);
    expect(clock.pending).toBe(0);
  });

  it("rejects those who wait behind a request that is never answered, when their time is up", async () => {
    const { fetch, clock } = scene(
      (count) =>
        count === 1
          ? telling('"api";r=0;t=50')
          : new Promise<Response>(() => undefined),
      { maxWait: "1m" },
    );
    await fetch(url);
    void fetch(url);
    const behind = fetch(url);
    let rejectedMs = 0;
    behind.catch(() => (rejectedMs = clock.now()));
    await clock.advance(70_000);
    await expect(behind).rejects.toThrow("DP_WAIT_TOO_LONG");
    expect(rejectedMs).toBe(60_000);
  });

  it("waits for nothing when told not to, and for ever when told to", async () => {
    const never = scene(() => telling('"api";r=0;t=1'), { maxWait: 0 });
    await never.fetch(url);
    await expect(never.fetch(url)).rejects.toThrow("another 1000 ms");
    const ever = scene(() => telling('"api";r=0;t=9999999'), {
      maxWait: Infinity,
    });
    await ever.fetch(url);
    const call = ever.fetch(url);
    await ever.clock.advance(9_999_999_000);
    await call;
    expect(ever.asked).toHaveLength(2);
  });

  it("passes on what its fetch rejects with, and goes on", async () => {
    const error = new TypeError("fetch failed");
    const { fetch } = scene((count) => {
      if (count === 1) throw error;
      return new Response();
    });
    await expect(fetch(url)).rejects.toBe(error);
    expect((await fetch(url)).ok).toBe(true);
  });

  it("remembers a thousand servers, and those with calls in line", async () => {
    const { fetch, clock, asked } = scene(() => telling('"api";r=0;t=30'));
    const server = (n: number): string => `http://host${n}.test/`;
    await fetch(server(0));
    const inLine = fetch(server(0));
    await fetch(server(1));
    for (let n = 2; n <= 1000; n++) await fetch(server(n));
    expect(asked).toHaveLength(1001);
    // The second was forgotten for the last; the first was not.
    await fetch(server(1));
    const behind = fetch(server(0));
    expect(asked).toHaveLength(1002);
    await clock.advance(60_000);
    await Promise.all([inLine, behind]);
    expect(asked).toHaveLength(1004);
  });

  it("is never refused by a limiter of this package, however many call it and however slow the network is", async () => {
    const random = seededRandom(11);
    for (const draft of [10, 11] as const) {
      const clock = new ManualClock();
      const limiter = createLimiter({
        policies: {
          burst: tokenBucket({ limit: 10, per: "1s", burst: 20 }),
          quota: tokenBucket({ limit: 100, per: "1m" }),
        },
        clock,
      });
      let refused = 0;
      const fetch = pacedFetch(
        async () => {
          // As long to the server for all: they arrive in the order in which they are sent.
          await clock.sleep(20);
          const decision = limiter.takeSync("ann");
          if (!decision.allowed) refused++;
          const headers = new Headers(rateLimitHeaders(decision, { draft }));
          await clock.sleep(random() * 300);
          return new Response(null, { headers });
        },
        { clock, maxWait: Infinity },
      );
      const first = fetch(url);
      await clock.advance(400);
      await first;
      let done = 0;
      const crowd = Array.from({ length: 20 }, async () => {
        for (let count = 0; count < 20; count++) {
          await fetch(url);
          done++;
          await clock.sleep(random() * 100);
        }
      });
      await clock.advance(400_000);
      await Promise.all(crowd);
      expect(refused).toBe(0);
      expect(done).toBe(400);
    }
  });
});
