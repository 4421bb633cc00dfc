import { createLimiter, tokenBucket } from "@dp/ratelimit";
import { rateLimitFastify } from "@dp/ratelimit/http";
import { fastify } from "fastify";

const all = tokenBucket({ limit: 100, per: "1m" });
const search = tokenBucket({ limit: 10, per: "1m" });

const app = fastify();
app.addHook(
  "onRequest",
  rateLimitFastify(createLimiter({ policies: { all } })),
);
app.get("/", () => "hello");
app.get("/search", {
  onRequest: rateLimitFastify(createLimiter({ policies: { search } })),
  handler: () => "found",
});

const origin = await app.listen({ port: 0 });
const { status, headers } = await fetch(`${origin}/search`);
console.log(status, headers.get("RateLimit"));
await app.close();
