import { once } from "node:events";
import {
  createServer as createHttpServer,
  request as httpRequest,
} from "node:http";
import { createServer, type AddressInfo } from "node:net";
import type { Duration } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import type { Verdict } from "../index.ts";
import { ResilienceError } from "../index.ts";
import { httpClassifier, httpClassify } from "./index.ts";

const ofValue = (value: unknown): Verdict =>
  httpClassify({ ok: true, value, elapsedMs: 1 });
const ofError = (error: unknown): Verdict =>
  httpClassify({ ok: false, error, elapsedMs: 1 });
const coded = (code: string, cause?: unknown): Error =>
  Object.assign(new Error(code, { cause }), { code });
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail("it did not reject"),
    (error: unknown) => error,
  );

describe("an HTTP response", () => {
  it("is a failure when the server says that it cannot, or not now", () => {
    for (const status of [408, 425, 429, 500, 502, 503, 504, 507, 599])
      expect(ofValue(new Response(null, { status }))).toBe("failure");
  });

  it("is a success in every other case: the server has answered", () => {
    for (const status of [
      200, 204, 301, 304, 400, 401, 404, 409, 418, 501, 505,
    ])
      expect(ofValue(new Response(null, { status }))).toBe("success");
    expect(ofValue({ status: 600, headers: new Headers() })).toBe("success");
    expect(ofValue({ status: 0, headers: new Headers() })).toBe("success");
  });

  it("says how long to wait with a 429 or 503, and with nothing else", () => {
    const asked = (status: number): Verdict =>
      ofValue(new Response(null, { status, headers: { "retry-after": "7" } }));
    expect(asked(429)).toEqual({ failure: true, retryAfterMs: 7_000 });
    expect(asked(503)).toEqual({ failure: true, retryAfterMs: 7_000 });
    expect(asked(500)).toBe("failure");
    expect(asked(301)).toBe("success");
  });

  it("says nothing about waiting when that is rubbish", () => {
    const headers = { "retry-after": "soon" };
    expect(ofValue(new Response(null, { status: 503, headers }))).toBe(
      "failure",
    );
  });

  it("asks for no other try when it asks for a longer wait than it may", () => {
    const asked = (seconds: number, maxRetryAfter?: Duration): Verdict =>
      httpClassifier({ maxRetryAfter })({
        ok: true,
        value: new Response(null, {
          status: 429,
          headers: { "retry-after": String(seconds) },
        }),
        elapsedMs: 1,
      });
    expect(asked(300)).toEqual({ failure: true, retryAfterMs: 300_000 });
    expect(asked(301)).toEqual({ failure: true, retryAfterMs: Infinity });
    expect(asked(3_600, "1h")).toMatchObject({ retryAfterMs: 3_600_000 });
    expect(() => httpClassifier({ maxRetryAfter: -1 })).toThrow(
      "maxRetryAfter",
    );
  });

  it("can come from undici's request or node:http, whose headers are plain", () => {
    expect(ofValue({ statusCode: 502, headers: {} })).toBe("failure");
    expect(ofValue({ statusCode: 200, headers: {} })).toBe("success");
    const later = { failure: true, retryAfterMs: 2_000 };
    for (const value of ["2", ["2", "9"]])
      expect(
        ofValue({ statusCode: 429, headers: { "retry-after": value } }),
      ).toEqual(later);
  });

  it("can come from a client that gives a status with plain headers", () => {
    const headers = { "retry-after": "2", get: "a field of that name" };
    expect(ofValue({ status: 500, headers })).toBe("failure");
    expect(ofValue({ status: 503, headers })).toEqual({
      failure: true,
      retryAfterMs: 2_000,
    });
    expect(ofValue({ status: 200, headers })).toBe("success");
  });

  it("is a success when it is none", () => {
    for (const value of [
      undefined,
      null,
      503,
      "503",
      {},
      { status: 503 },
      { status: "503", headers: new Headers() },
      { status: 503.5, headers: new Headers() },
      { statusCode: 503, headers: null },
    ])
      expect(ofValue(value)).toBe("success");
  });

  it("is compared with the clock's wall time if it asks for a date and has none itself", async () => {
    const clock = new ManualClock();
    const classify = httpClassifier({ clock });
    await clock.advance(10_000);
    const at = (ms: number): string =>
      new Date(Math.ceil(clock.wallNow() / 1_000) * 1_000 + ms).toUTCString();
    const asked = (headers: Record<string, string>): Verdict =>
      classify({
        ok: true,
        value: new Response(null, { status: 503, headers }),
        elapsedMs: 1,
      });
    expect(asked({ "retry-after": at(60_000), date: at(50_000) })).toEqual({
      failure: true,
      retryAfterMs: 10_000,
    });
    const { retryAfterMs } = asked({ "retry-after": at(60_000) }) as {
      retryAfterMs: number;
    };
    expect(retryAfterMs).toBeGreaterThanOrEqual(60_000);
    expect(retryAfterMs).toBeLessThan(61_000);
  });
});

describe("an error of an HTTP call", () => {
  it("is a failure when the network is behind it, at whatever depth", () => {
    expect(ofError(coded("ECONNREFUSED"))).toBe("failure");
    expect(ofError(coded("UND_ERR_SOCKET"))).toBe("failure");
    const deep = new Error("a", {
      cause: new Error("b", { cause: coded("EPIPE") }),
    });
    expect(ofError(deep)).toBe("failure");
    expect(ofError(new AggregateError([coded("ETIMEDOUT")], "all"))).toBe(
      "failure",
    );
  });

  it("is a failure when fetch finds nobody listening", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const error = await rejection(fetch(`http://127.0.0.1:${port}/`));
    expect(error).toMatchObject({ cause: { code: "ECONNREFUSED" } });
    expect(ofError(error)).toBe("failure");
  });

  it("is ignored when fetch was given a URL or a scheme that cannot work", async () => {
    for (const url of [
      "nowhere",
      "http://",
      "ftp://host/",
      "file:///etc/hosts",
      "about:config",
    ])
      expect(ofError(await rejection(fetch(url)))).toBe("ignore");
  });

  it("is ignored when fetch was given arguments that cannot work", async () => {
    const url = "http://127.0.0.1:9/";
    const used = new Request(url, { method: "POST", body: "a" });
    await used.text();
    const stream = new ReadableStream();
    stream.getReader();
    const given: readonly Parameters<typeof fetch>[] = [
      ["http://user:password@127.0.0.1:9/"],
      ["http://127.0.0.1:25/"],
      [url, { headers: { "a b": "c" } }],
      [url, { headers: { a: "b\nc" } }],
      [url, { headers: { a: "\u0100" } }],
      [url, { method: "A B" }],
      [url, { method: "TRACE" }],
      [url, { body: "a" }],
      [url, { method: "POST", body: new ReadableStream() }],
      [url, { method: "POST", body: stream, duplex: "half" }],
      [used],
    ];
    for (const each of given) {
      const error = await rejection(fetch(...each));
      expect([ofError(error), error]).toEqual(["ignore", error]);
    }
  });

  it("is ignored when node:http was given arguments that cannot work", () => {
    for (const given of [
      { protocol: "ftp:" },
      { method: "A B" },
      { headers: { "a b": "c" } },
      { headers: { a: "b\nc" } },
      { path: "/a b" },
    ]) {
      let error: unknown;
      try {
        httpRequest(given).destroy();
      } catch (thrown) {
        error = thrown;
      }
      expect([ofError(error), error]).toEqual(["ignore", error]);
    }
  });

  it("is a failure when the service redirects to a URL that is none", async () => {
    const server = createHttpServer((_, response) =>
      response.writeHead(302, { location: "http://[" }).end(),
    ).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const error = await rejection(fetch(`http://127.0.0.1:${port}/`));
    server.closeAllConnections();
    server.close();
    expect(ofError(error)).toBe("failure");
  });

  it("is ignored when undici was given arguments that cannot work, or was closed", () => {
    expect(ofError(coded("UND_ERR_INVALID_ARG"))).toBe("ignore");
    expect(ofError(coded("UND_ERR_CLOSED"))).toBe("ignore");
  });

  it("is not ignored when the network failed as well", () => {
    const both = new AggregateError([
      coded("ERR_INVALID_URL"),
      coded("ECONNRESET"),
    ]);
    expect(ofError(both)).toBe("failure");
    expect(ofError(coded("ECONNRESET", coded("ERR_INVALID_URL")))).toBe(
      "failure",
    );
  });

  it("is what the default says in every other case", () => {
    expect(ofError(new TypeError("x is not a function"))).toBe("failure");
    expect(ofError("down")).toBe("failure");
    expect(ofError(undefined)).toBe("failure");
    expect(ofError(new ResilienceError("timeout", "timeout", "late"))).toBe(
      "failure",
    );
    expect(ofError(new ResilienceError("open", "users", "open"))).toBe(
      "ignore",
    );
    const busy = Object.assign(coded("ECONNRESET"), { retryAfterMs: 5 });
    expect(ofError(busy)).toEqual({ failure: true, retryAfterMs: 5 });
  });

  it("ends in time when its causes run in a circle or without end", () => {
    const circle = new Error("circle");
    circle.cause = new Error("back", { cause: circle });
    expect(ofError(circle)).toBe("failure");
    const many = new AggregateError(
      Array.from({ length: 100_000 }, () => ({ code: "ERR_INVALID_URL" })),
    );
    expect(ofError(many)).toBe("ignore");
    const endless = (): object => ({
      get cause() {
        return endless();
      },
    });
    expect(ofError(endless())).toBe("failure");
  });
});
