import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { clientKey, rateLimit } from "@dp/ratelimit/http";
import express from "express";
import { frameworkSuite } from "./framework-suite.ts";
import { keyOfPath, limiterWhich } from "./site-limiter.ts";

frameworkSuite("Express", async (kind) => {
  let handled = 0;
  const app = express();
  // Keeps errors out of the output.
  app.set("env", "test");
  const peerOf = clientKey();
  app.use(
    rateLimit(limiterWhich(kind), {
      key: (request) => keyOfPath(request.path) + peerOf(request),
      skip: (request) => request.path === "/free",
    }),
  );
  app.use((_request, response) => {
    handled++;
    response.send("hello");
  });
  const server = app.listen(0);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    handled: () => handled,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
});
