import httpProxy from "@fastify/http-proxy";
import { fastify } from "fastify";
import { listenPort, upstreamPort } from "./ports.ts";

const server = fastify({ logger: process.env["DP_BENCH_ACCESS_LOG"] === "on" });
await server.register(httpProxy, {
  upstream: `http://127.0.0.1:${upstreamPort}`,
});
await server.listen({ port: listenPort, host: "127.0.0.1" });
