import { once } from "node:events";
import { createServer } from "node:http";
import { createLimiter, tokenBucket } from "@dp/ratelimit";
import { rateLimit } from "@dp/ratelimit/http";

const limiter = createLimiter({
  policies: { api: tokenBucket({ limit: 60, per: "1m", burst: 2 }) },
});
const limited = rateLimit(limiter); // by the address of the connection

const server = createServer((request, response) =>
  limited(request, response, (error) => {
    if (error !== undefined) response.statusCode = 500;
    response.end("hello");
  }),
);
server.listen(0);
await once(server, "listening");
const { port } = server.address() as { port: number };
for (let count = 0; count < 3; count++) {
  const { status, headers } = await fetch(`http://localhost:${port}/`);
  console.log(status, headers.get("RateLimit"), headers.get("Retry-After"));
}
server.close();
