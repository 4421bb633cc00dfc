import { once } from "node:events";
import { createLimiter, tokenBucket } from "@dp/ratelimit";
import { clientKey, rateLimit } from "@dp/ratelimit/http";
import express from "express";

const api = tokenBucket({ limit: 100, per: "1m", burst: 2 });
const limiter = createLimiter({ policies: { api } });

const app = express();
app.use(
  rateLimit(limiter, {
    key: clientKey({ trust: ["10.0.0.0/8"] }), // the load balancers
    skip: (request) => request.url === "/healthz",
    cost: (request) => (request.method === "GET" ? 1 : 2),
  }),
);
app.get("/", (_request, response) => void response.send("hello"));

const server = app.listen(0);
await once(server, "listening");
const { port } = server.address() as { port: number };
const { status, headers } = await fetch(`http://localhost:${port}/`);
console.log(status, headers.get("RateLimit"));
server.close();
