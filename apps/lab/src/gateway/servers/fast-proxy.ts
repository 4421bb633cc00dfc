import { createServer } from "node:http";
import fastProxy from "fast-proxy";
import { listenPort, upstreamPort } from "./ports.ts";

const peer = fastProxy({
  base: `http://127.0.0.1:${upstreamPort}`,
  undici: { connections: 128, pipelining: 1 },
});

createServer((request, response) => {
  peer.proxy(request, response, request.url ?? "/", {});
}).listen(listenPort, "127.0.0.1");
