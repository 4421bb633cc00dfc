import type { AddressInfo } from "node:net";
import { rateLimitFastify } from "@dp/ratelimit/http";
import { fastify, type FastifyInstance, type FastifyRequest } from "fastify";
import { expect, it } from "vitest";
import { frameworkSuite, type Site } from "./framework-suite.ts";
import { keyOfPath, limiterOfTwo, limiterWhich } from "./site-limiter.ts";
import { visit } from "./visit.ts";

const siteOf = async (
  app: FastifyInstance,
  handled: () => number,
): Promise<Site> => {
  await app.listen({ port: 0 });
  return {
    port: (app.server.address() as AddressInfo).port,
    handled,
    [Symbol.asyncDispose]: () => app.close(),
  };
};

frameworkSuite("Fastify", (kind) => {
  let handled = 0;
  const app = fastify();
  app.addHook(
    "onRequest",
    rateLimitFastify(limiterWhich(kind), {
      key: (request) => keyOfPath(request.url),
      skip: (request) => request.url === "/free",
    }),
  );
  app.all("/*", () => {
    handled++;
    return "hello";
  });
  return siteOf(app, () => handled);
});

it("rateLimitFastify charges the address of the connection when given no key, and can limit one route", async () => {
  const limiter = limiterOfTwo();
  const app = fastify();
  app.get("/", { onRequest: rateLimitFastify(limiter) }, () => "hello");
  app.get("/free", () => "hello");
  await using site = await siteOf(app, () => 0);
  await visit(site.port, "/free");
  expect((await visit(site.port)).headers["ratelimit"]).toBe('"api";r=1;t=30');
  const keys = ["127.0.0.1", "::/64"];
  expect(keys.map((key) => limiter.takeSync(key, 2).allowed).sort()).toEqual([
    false,
    true,
  ]);
});

it("rateLimitFastify adds the limits of a route to those of the whole server, and its functions see Fastify's request", async () => {
  const app = fastify();
  app.addHook("onRequest", rateLimitFastify(limiterOfTwo()));
  const onRequest = rateLimitFastify(limiterOfTwo(), {
    key: (request: FastifyRequest) => request.id,
    cost: (request) => Number(request.hostname.length > 0),
  });
  app.get("/", { onRequest }, () => "hello");
  await using site = await siteOf(app, () => 0);
  expect((await visit(site.port)).headers["ratelimit"]).toBe(
    '"api";r=1;t=30, "api";r=1;t=30',
  );
});
