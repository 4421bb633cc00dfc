import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { rateLimit } from "@dp/ratelimit/http";
import { expect, it } from "vitest";
import { frameworkSuite, type Site } from "./framework-suite.ts";
import { keyOfPath, limiterOfTwo, limiterWhich } from "./site-limiter.ts";
import { visit } from "./visit.ts";

const siteOf = async (limited: ReturnType<typeof rateLimit>): Promise<Site> => {
  let handled = 0;
  const server = createServer((request, response) =>
    limited(request, response, (error) => {
      if (error === undefined) handled++;
      else response.statusCode = 500;
      response.end("hello");
    }),
  );
  server.listen(0);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    handled: () => handled,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

frameworkSuite("node:http", (kind) =>
  siteOf(
    rateLimit(limiterWhich(kind), {
      key: ({ url }) => keyOfPath(url),
      skip: ({ url }) => url === "/free",
    }),
  ),
);

it("rateLimit charges the address of the connection when given no key", async () => {
  const limiter = limiterOfTwo();
  await using site = await siteOf(rateLimit(limiter));
  await visit(site.port);
  const keys = ["127.0.0.1", "::/64"];
  expect(keys.map((key) => limiter.takeSync(key, 2).allowed).sort()).toEqual([
    false,
    true,
  ]);
});
