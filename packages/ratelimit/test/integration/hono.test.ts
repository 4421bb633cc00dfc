import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { rateLimitHono } from "@dp/ratelimit/http";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { frameworkSuite, type Site } from "./framework-suite.ts";
import { keyOfPath, limiterOfTwo, limiterWhich } from "./site-limiter.ts";
import { visit } from "./visit.ts";

const siteOf = async (app: Hono, handled: () => number): Promise<Site> => {
  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(0);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    handled,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Answers 500 without writing to the console. */
const quiet = (): Hono => {
  const app = new Hono();
  app.onError((error, context) => context.text(error.message, 500));
  return app;
};

frameworkSuite("Hono", (kind) => {
  let handled = 0;
  const app = quiet();
  app.use(
    rateLimitHono(limiterWhich(kind), {
      key: (context) => keyOfPath(context.req.path),
      skip: (context) => context.req.path === "/free",
    }),
  );
  app.all("*", (context) => {
    handled++;
    return context.text("hello");
  });
  return siteOf(app, () => handled);
});

describe("rateLimitHono", () => {
  it("charges the address that the Node adapter tells when given no key", async () => {
    const limiter = limiterOfTwo();
    const app = quiet();
    app.use(rateLimitHono(limiter));
    app.get("/", (context) => context.text("hello"));
    await using site = await siteOf(app, () => 0);
    expect((await visit(site.port)).status).toBe(200);
    const keys = ["127.0.0.1", "::/64"];
    expect(keys.map((key) => limiter.takeSync(key, 2).allowed).sort()).toEqual([
      false,
      true,
    ]);
  });

  it("fails with an error that names the key where no address is told", async () => {
    const app = quiet();
    app.use(rateLimitHono(limiterOfTwo()));
    app.get("/", (context) => context.text("hello"));
    for (const env of [undefined, {}, { incoming: { socket: {} } }]) {
      const response = await app.request("/", {}, env);
      expect(response.status).toBe(500);
      expect(await response.text()).toBe(
        "DP_INVALID_OPTION: key must be given, because the connection tells no address here, got undefined",
      );
    }
  });

  it("tells the limits on every response: fetched ones, errors, unknown paths", async () => {
    const app = quiet();
    app.use(rateLimitHono(limiterOfTwo(), { key: () => "ann" }));
    app.get("/fetched", () => fetch("data:text/plain,hello"));
    app.get("/fails", () => {
      throw new Error("the handler's own");
    });
    const fetched = await app.request("/fetched");
    expect(fetched.headers.get("RateLimit")).toBe('"api";r=1;t=30');
    expect(await fetched.text()).toBe("hello");
    const failed = await app.request("/fails");
    expect(failed.status).toBe(500);
    expect(failed.headers.get("RateLimit")).toBe('"api";r=0;t=30');
    expect((await app.request("/nowhere")).status).toBe(429);
  });

  it("adds its limits to those of a middleware further in", async () => {
    const app = quiet();
    app.use(rateLimitHono(limiterOfTwo(), { key: () => "ann" }));
    app.use(rateLimitHono(limiterOfTwo(), { key: () => "ann" }));
    app.get("/", (context) => context.text("hello"));
    expect((await app.request("/")).headers.get("RateLimit")).toBe(
      '"api";r=1;t=30, "api";r=1;t=30',
    );
  });
});
