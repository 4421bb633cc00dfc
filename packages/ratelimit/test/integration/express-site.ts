/**
 * A site on Express for the suite, as a process: the test runner resolves packages by its own conditions, with which
 * Express gets the wrong build of a package it needs. Its argument says which limiter; it tells its port, and then
 * answers every message with the number of requests handled.
 */
import type { AddressInfo } from "node:net";
import { clientKey, rateLimit } from "@dp/ratelimit/http";
import express from "express";
import { keyOfPath, limiterWhich, type LimiterKind } from "./site-limiter.ts";

let handled = 0;
const app = express();
// Keeps errors out of the output.
app.set("env", "test");
const peerOf = clientKey();
app.use(
  rateLimit(limiterWhich(process.argv[2] as LimiterKind), {
    key: (request) => keyOfPath(request.path) + peerOf(request),
    skip: (request) => request.path === "/free",
  }),
);
app.use((_request, response) => {
  handled++;
  response.send("hello");
});
const server = app.listen(0, () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on("message", () => process.send?.(handled));
