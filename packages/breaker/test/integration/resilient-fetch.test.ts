import { Readable } from "node:stream";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { httpClassifier, resilientFetch } from "../../src/http/index.ts";
import {
  breaker,
  coalesce,
  consecutive,
  constant,
  fallback,
  pipeline,
  retry,
  timeout,
  type CallContext,
  type Policy,
} from "../../src/index.ts";
import { begin, eventually, serve } from "./web-server.ts";

const make = (...policies: readonly Policy[]) => {
  const clock = new ManualClock();
  const classify = httpClassifier({ clock });
  const guarded = pipeline({ clock, classify }, ...policies);
  return { clock, guarded, fetch: resilientFetch(guarded) };
};
const threeTimes = (): Policy => retry({ backoff: constant(100) });
const retrying = (clock: ManualClock): Promise<void> =>
  eventually("the pause of a retry", () => clock.pending > 0);

describe("a resilient fetch", () => {
  it("gives back what fetch gives back", async () => {
    await using server = await serve((response) => response.end("hello"));
    const { fetch } = make(timeout("1s"), retry(), breaker());
    const response = await fetch(server.url);
    expect(response).toBeInstanceOf(Response);
    expect(response.url).toBe(server.url);
    expect(await response.text()).toBe("hello");
  });

  it("repeats a failed response after the time the server asks for", async () => {
    await using server = await serve((response, count) => {
      if (count === 1) response.writeHead(503, { "retry-after": "7" });
      response.end(`answer ${count}`);
    });
    const { clock, fetch } = make(threeTimes());
    const running = fetch(server.url);
    await retrying(clock);
    await clock.advance(6_999);
    expect(server.heard).toHaveLength(1);
    await clock.advance(1);
    expect(await (await running).text()).toBe("answer 2");
  });

  it("gives a response back at once whose server asks for years, which then keep no other call from being repeated", async () => {
    await using server = await serve((response, count) => {
      if (count <= 3) response.writeHead(429, { "retry-after": "999999999" });
      response.statusCode = count === 4 ? 503 : response.statusCode;
      response.end(`answer ${count}`);
    });
    const { fetch } = make(retry({ backoff: constant(0) }));
    const statuses = [1, 2, 3].map(
      async () => (await fetch(server.url)).status,
    );
    expect(await Promise.all(statuses)).toEqual([429, 429, 429]);
    expect(await (await fetch(server.url)).text()).toBe("answer 5");
  });

  it("gives the last response back as it is when the attempts are used up", async () => {
    await using server = await serve((response, count) => {
      response.writeHead(503).end(`failure ${count}`);
    });
    const { fetch } = make(retry({ attempts: 2, backoff: constant(0) }));
    const response = await fetch(server.url);
    expect(response.status).toBe(503);
    expect(await response.text()).toBe("failure 2");
  });

  it("lets a circuit count responses, and sends nothing while it is open", async () => {
    await using server = await serve((response) =>
      response.writeHead(500).end(),
    );
    const { fetch } = make(breaker({ trip: consecutive(2) }));
    await fetch(server.url);
    await fetch(server.url);
    await expect(fetch(server.url)).rejects.toMatchObject({ kind: "open" });
    expect(server.heard).toHaveLength(2);
  });

  it("can give a response of a fallback instead", async () => {
    const guarded = pipeline(
      { classify: httpClassifier() },
      fallback(() => new Response("stale")),
    );
    const fetch: typeof globalThis.fetch = resilientFetch(guarded);
    expect(await (await fetch("nowhere")).text()).toBe("stale");
  });

  it("tells its policies the origin of the URL, or what it is told to tell", async () => {
    const contexts: CallContext[] = [];
    const seen: Policy = {
      name: "seen",
      execute: async (next, context) => {
        contexts.push(context);
        return next(context);
      },
    };
    const answer = (): Promise<Response> => Promise.resolve(new Response());
    const guarded = pipeline(seen);
    const byOrigin = resilientFetch(guarded, { fetch: answer });
    await byOrigin("http://a.test/x?y");
    await byOrigin(new URL("https://b.test:81/x"));
    await byOrigin(new Request("http://c.test/x"));
    await byOrigin("/relative");
    const byUrl = resilientFetch(guarded, { fetch: answer, key: (url) => url });
    await byUrl("http://a.test/x");
    expect(contexts.map(({ key }) => key)).toEqual([
      "http://a.test",
      "https://b.test:81",
      "http://c.test",
      undefined,
      "http://a.test/x",
    ]);
  });

  it("takes a stand-in for a response, without a body or with one of another kind", async () => {
    for (const body of [undefined, Readable.from(["node"])]) {
      let sent = 0;
      const answer = (): Promise<Response> => {
        const status = ++sent === 1 ? 503 : 200;
        const standIn = { status, headers: new Headers(), body };
        return Promise.resolve(standIn as unknown as Response);
      };
      const guarded = pipeline(
        { classify: httpClassifier() },
        retry({ backoff: constant(0) }),
        timeout("1s"),
      );
      const fetch = resilientFetch(guarded, { fetch: answer });
      const { signal } = new AbortController();
      expect((await fetch("http://a.test", { signal })).status).toBe(200);
    }
  });

  it("rejects like fetch when its arguments are wrong, and no circuit minds", async () => {
    const circuit = breaker({ trip: consecutive(1) });
    const { fetch } = make(retry(), circuit);
    for (const nothing of ["nowhere", undefined, null])
      await expect(fetch(nothing as string)).rejects.toThrow(
        `Failed to parse URL from ${String(nothing)}`,
      );
    await expect(fetch("foo://bar")).rejects.toThrow("fetch failed");
    await expect(
      fetch("http://a.test", { method: "POST", headers: { "a b": "c" } }),
    ).rejects.toThrow("invalid header name");
    expect(circuit.state).toBe("closed");
  });
});

describe("a request that is repeated", () => {
  it("is sent with its whole body again", async () => {
    await using server = await serve((response, count) =>
      response.writeHead(count < 3 ? 503 : 200).end(),
    );
    const { fetch } = make(retry({ backoff: constant(0) }));
    const form = new URLSearchParams({ a: "1" });
    const { status } = await fetch(server.url, { method: "PUT", body: form });
    expect(status).toBe(200);
    expect(server.heard.map(({ body }) => body)).toEqual(["a=1", "a=1", "a=1"]);
  });

  it("is one that may be: no POST but one with an Idempotency-Key", async () => {
    await using server = await serve((response) =>
      response.writeHead(503).end(),
    );
    const { fetch } = make(retry({ attempts: 2, backoff: constant(0) }));
    await fetch(server.url, { method: "POST", body: "a" });
    expect(server.heard).toHaveLength(1);
    const headers = { "idempotency-key": "a" };
    await fetch(server.url, { method: "POST", body: "a", headers });
    expect(server.heard).toHaveLength(3);
  });

  it("is one that can be: no stream, which is sent once", async () => {
    await using server = await serve((response) =>
      response.writeHead(503).end(),
    );
    const { fetch } = make(retry({ attempts: 2, backoff: constant(0) }));
    const body = new Blob(["streamed"]).stream();
    await fetch(server.url, { method: "PUT", body, duplex: "half" });
    await fetch(new Request(server.url, { method: "PUT", body: "requested" }));
    expect(server.heard.map((heard) => heard.body)).toEqual([
      "streamed",
      "requested",
    ]);
  });

  it("keeps what a Request says, given as resource or as settings", async () => {
    await using server = await serve((response) =>
      response.writeHead(503).end(),
    );
    const { fetch } = make(retry({ attempts: 2, backoff: constant(0) }));
    const request = new Request(`${server.url}own`, { method: "DELETE" });
    await fetch(request);
    await fetch(`${server.url}other`, request);
    expect(server.heard.map(({ method, path }) => [method, path])).toEqual([
      ["DELETE", "/own"],
      ["DELETE", "/own"],
      ["DELETE", "/other"],
      ["DELETE", "/other"],
    ]);
  });

  it("keeps what its settings inherit, as those of a Request from another copy of undici do", async () => {
    await using server = await serve((response) =>
      response.writeHead(503).end(),
    );
    class ForeignRequest {
      readonly #method = "DELETE";
      get method(): string {
        return this.#method;
      }
    }
    const { fetch } = make(retry({ attempts: 2, backoff: constant(0) }));
    await fetch(server.url, new ForeignRequest());
    const defaults: RequestInit = { method: "PUT", body: "inherited" };
    await fetch(server.url, Object.create(defaults) as RequestInit);
    expect(server.heard.map(({ method, body }) => [method, body])).toEqual([
      ["DELETE", ""],
      ["DELETE", ""],
      ["PUT", "inherited"],
      ["PUT", "inherited"],
    ]);
  });
});

describe("a response that nobody gets", () => {
  it("gives its connection back before the pause of the retry", async () => {
    await using server = await serve((response, count) => {
      if (count === 1) begin(response, 503);
      else response.end("done");
    });
    const { clock, fetch } = make(threeTimes());
    const running = fetch(server.url);
    await retrying(clock);
    await eventually("no connection", () => server.connections.size === 0);
    await clock.advance(100);
    expect(await (await running).text()).toBe("done");
  });

  it("gives it back when the circuit refuses the repeat", async () => {
    await using server = await serve((response) => begin(response, 503));
    const { clock, fetch } = make(
      threeTimes(),
      breaker({ trip: consecutive(1) }),
    );
    const running = expect(fetch(server.url)).rejects.toThrow("is open");
    await retrying(clock);
    await clock.advance(100);
    await running;
    await eventually("no connection", () => server.connections.size === 0);
  });

  it("gives it back when a policy prefers another one, also if it comes late", async () => {
    const waiting: ((response: Response) => void)[] = [];
    const both: Policy = {
      name: "both",
      execute: (next, context) =>
        Promise.race([next(context), next(context), next(context)]),
    };
    const cancelled: number[] = [];
    const responseOf = (id: number): Response =>
      new Response(
        new ReadableStream({ cancel: () => void cancelled.push(id) }),
      );
    const racing = resilientFetch(pipeline(both), {
      fetch: () => new Promise((resolve) => waiting.push(resolve)),
    });
    const running = racing("http://a.test");
    const winner = responseOf(1);
    waiting[0]!(winner);
    waiting[1]!(responseOf(2));
    expect(await running).toBe(winner);
    waiting[2]!(responseOf(3));
    await eventually("both losers cancelled", () => cancelled.length === 2);
    expect(cancelled).toEqual([2, 3]);
  });

  it("is left alone if what the caller gets is made of it", async () => {
    const rewrapped: Policy = {
      name: "rewrapped",
      execute: async (next, context) => {
        const result = await next(context);
        return new Response((result as Response).body) as typeof result;
      },
    };
    await using server = await serve((response) => response.end("hello"));
    const { fetch } = make(rewrapped);
    expect(await (await fetch(server.url)).text()).toBe("hello");
  });

  it("is left alone if others share it, when one of them has left before it came", async () => {
    let answer: ((response: Response) => void) | undefined;
    const sharing = resilientFetch(pipeline(coalesce(({ key }) => key)), {
      fetch: () => new Promise((resolve) => (answer = resolve)),
    });
    const controller = new AbortController();
    const left = sharing("http://a.test", { signal: controller.signal });
    const stays = sharing("http://a.test");
    controller.abort(new Error("the user left"));
    await expect(left).rejects.toThrow("the user left");
    answer?.(new Response("hello"));
    expect(await (await stays).text()).toBe("hello");
  });
});
