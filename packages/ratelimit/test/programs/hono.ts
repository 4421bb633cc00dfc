import { createLimiter, tokenBucket } from "@dp/ratelimit";
import { rateLimitHono } from "@dp/ratelimit/http";
import { Hono, type Context } from "hono";

const user = tokenBucket({ limit: 100, per: "1m" });
const limiter = createLimiter({ policies: { user } });

type Env = { Variables: { user: string } };
const app = new Hono<Env>();
app.use(async (context, next) => {
  context.set("user", "user 42"); // whoever your sign-in says it is
  await next();
});
app.use(
  rateLimitHono(limiter, {
    key: (context: Context<Env>) => context.get("user"),
  }),
);
app.get("/", (context) => context.text("hello"));

const response = await app.request("/");
console.log(response.status, response.headers.get("RateLimit"));
