import { ManualClock } from "@dp/core/testing";
import { describe, expect, expectTypeOf, it } from "vitest";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import { createLimiter } from "../create-limiter.ts";
import { rateLimitFetch } from "./fetch-handler.ts";

const limiterOf = (limit = 1) =>
  createLimiter({
    policies: { api: tokenBucket({ limit, per: "1m" }) },
    clock: new ManualClock(),
  });

const request = (method = "GET"): Request =>
  new Request("http://example.test/", { method });
const key = (): string => "ann";

/** As `fetch` gives them: its headers cannot be set. */
const fetched = async (body: string): Promise<Response> => {
  const response = await fetch(`data:text/plain,${body}`);
  expect(() => response.headers.set("a", "b")).toThrow(TypeError);
  return response;
};

describe("rateLimitFetch", () => {
  it("tells the limits on the handler's response", async () => {
    const made = new Response("hello", { status: 201 });
    const handler = rateLimitFetch(limiterOf(), { key })(() => made);
    const response = await handler(request());
    expect(response).toBe(made);
    expect(response.headers.get("RateLimit")).toBe('"api";r=0;t=60');
    expect(response.headers.get("RateLimit-Policy")).toBe('"api";q=1;w=60');
  });

  it("copies a response whose headers cannot be set", async () => {
    const handler = rateLimitFetch(limiterOf(), { key })(() =>
      fetched("hello"),
    );
    const response = await handler(request());
    expect(response.headers.get("RateLimit")).toBe('"api";r=0;t=60');
    expect(response.headers.get("Content-Type")).toBe("text/plain");
    expect(await response.text()).toBe("hello");
  });

  it("gives back as it is what can be neither set nor copied", async () => {
    const handler = rateLimitFetch(limiterOf(), { key })(() =>
      Response.error(),
    );
    expect((await handler(request())).type).toBe("error");
  });

  it("adds its limits to those the response tells", async () => {
    const inner = rateLimitFetch(
      createLimiter({
        policies: { search: tokenBucket({ limit: 3, per: "1m" }) },
        clock: new ManualClock(),
      }),
      { key },
    );
    const outer = rateLimitFetch(limiterOf(), { key });
    const handler = outer(inner(() => new Response()));
    expect((await handler(request())).headers.get("RateLimit")).toBe(
      '"search";r=2;t=40, "api";r=0;t=60',
    );
  });

  it("answers a refused request itself", async () => {
    let calls = 0;
    const handler = rateLimitFetch(limiterOf(), { key })(() => {
      calls++;
      return new Response();
    });
    await handler(request());
    const response = await handler(request());
    expect(calls).toBe(1);
    expect(response.status).toBe(429);
    expect(Object.fromEntries(response.headers)).toEqual({
      "cache-control": "no-store",
      "content-type": "application/problem+json",
      ratelimit: '"api";r=0;t=60',
      "ratelimit-policy": '"api";q=1;w=60',
      "retry-after": "60",
    });
    expect(await response.json()).toMatchObject({
      status: 429,
      "violated-policies": ["api"],
    });
    const head = await handler(request("HEAD"));
    expect(head.status).toBe(429);
    expect(head.body).toBeNull();
  });

  it("leaves the response to a skipped request alone", async () => {
    const handler = rateLimitFetch(limiterOf(), { key, skip: () => true })(
      () => new Response(),
    );
    expect([...(await handler(request())).headers]).toEqual([]);
  });

  it("rejects with what the limiter, a function or the handler throws", async () => {
    const error = new Error("out of order");
    const fail = (): never => {
      throw error;
    };
    const take = (): Promise<never> => Promise.reject(error);
    const fine = (): Response => new Response();
    for (const handler of [
      rateLimitFetch({ take }, { key })(fine),
      rateLimitFetch(limiterOf(), { key: fail })(fine),
      rateLimitFetch(limiterOf(), { key })(fail),
    ])
      await expect(handler(request())).rejects.toBe(error);
  });

  it("shows all its functions what the server passes on", async () => {
    interface Info {
      readonly address: string;
    }
    const limiter = limiterOf();
    const handler = rateLimitFetch(limiter, {
      key: (_, { address }: Info) => address,
    })((_, { address }: Info, more: number) =>
      Promise.resolve(new Response(`${address} ${more}`)),
    );
    expectTypeOf(handler).parameters.toEqualTypeOf<[Request, Info, number]>();
    const response = await handler(request(), { address: "1.2.3.4" }, 7);
    expect(await response.text()).toBe("1.2.3.4 7");
    expect(limiter.takeSync("1.2.3.4").allowed).toBe(false);
    const simple = rateLimitFetch(limiter, { key })(
      (_: Request, info: Info) => new Response(info.address),
    );
    expectTypeOf(simple).parameters.toEqualTypeOf<[Request, Info]>();
  });

  it("is not made without a key", () => {
    for (const options of [undefined, {}, { key: 7 }])
      expect(() => rateLimitFetch(limiterOf(), options as never)).toThrow(
        expect.objectContaining({ option: "key" }),
      );
  });
});
