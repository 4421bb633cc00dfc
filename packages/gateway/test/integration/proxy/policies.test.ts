import { createHash } from "node:crypto";
import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { memoryRegistry } from "@dp/discovery";
import { describe, expect, it } from "vitest";
import { defineMiddleware, type Middleware } from "../../../src/index.ts";
import { RawClient } from "../http1/raw-client.ts";
import { until } from "../http1/wait.ts";
import { answers, echoes, Stage } from "./stage.ts";

const headersOf = (body: string): Record<string, string> =>
  (JSON.parse(body) as { headers: Record<string, string> }).headers;

describe("a limit", () => {
  it("answers 429 with the fields that tell when to come back, and lets other keys pass", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(answers("ok"));
    const gateway = await stage.gateway(
      {
        services: { a: [upstream.url] },
        routes: [
          {
            path: "/**",
            to: "a",
            limit: { rate: "2/m", by: "header:x-tenant" },
          },
        ],
      },
      { clock: new ManualClock() },
    );
    const ask = (tenant: string): ReturnType<Stage["request"]> =>
      stage.request(gateway.port, "/x", { headers: { "x-tenant": tenant } });
    expect((await ask("one")).headers["ratelimit"]).toContain("r=1");
    expect((await ask("one")).status).toBe(200);
    const refused = await ask("one");
    expect(refused.status).toBe(429);
    expect(refused.headers["retry-after"]).toBe("30");
    expect(refused.headers["ratelimit-policy"]).toContain("q=2;w=60");
    expect(refused.headers["ratelimit"]).toContain("r=0");
    expect(refused.headers["content-type"]).toBe("application/problem+json");
    expect((await ask("two")).status).toBe(200);
    expect(upstream.calls).toHaveLength(3);
  });

  it("by global is one bucket for all routes that have it, by route one for each", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(answers("ok"));
    const gateway = await stage.gateway(
      {
        services: { a: [upstream.url] },
        routes: (["global", "route"] as const).flatMap((by) =>
          [1, 2].map((each) => ({
            path: `/${by}/${each}`,
            to: "a",
            limit: { rate: "1/h" as const, by },
          })),
        ),
      },
      { clock: new ManualClock() },
    );
    const statuses = [];
    for (const path of ["/global/1", "/global/2", "/route/1", "/route/2"])
      statuses.push((await stage.request(gateway.port, path)).status);
    expect(statuses).toEqual([200, 429, 200, 200]);
  });
});

describe("a route to several services", () => {
  it("shares its requests by weight, and none goes to a weight of 0", async () => {
    await using stage = new Stage();
    const [a, b, c] = await Promise.all(
      ["a", "b", "c"].map((name) => stage.upstream(answers(name))),
    );
    const gateway = await stage.gateway(
      {
        services: {
          a: [a?.url ?? ""],
          b: [b?.url ?? ""],
          c: [c?.url ?? ""],
        },
        routes: [{ path: "/**", to: { a: 3, b: 1, c: 0 } }],
      },
      { random: seededRandom(1) },
    );
    for (let call = 0; call < 400; call++)
      await stage.request(gateway.port, "/x");
    expect(c?.calls).toHaveLength(0);
    // Four standard deviations of 400 draws at one in four: 35.
    expect(Math.abs((b?.calls.length ?? 0) - 100)).toBeLessThan(35);
    expect((a?.calls.length ?? 0) + (b?.calls.length ?? 0)).toBe(400);
  });
});

describe("interim answers", () => {
  it("are passed on, but not without end", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream((_request, response) => {
      for (let hint = 0; hint < 100; hint++)
        response.socket?.write(
          "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n",
        );
      response.end("done");
    });
    const gateway = await stage.gateway({
      services: { a: [upstream.url] },
      routes: [{ path: "/**", to: "a" }],
    });
    const client = new RawClient(gateway.port);
    client.send("GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
    expect((await client.answer()).body).toBe("done");
    expect(client.text.split("103 Early Hints")).toHaveLength(17);
    client.socket.end();
  });
});

describe("API keys", () => {
  const sha256 = createHash("sha256").update("sëcret").digest("hex");

  it("let known clients pass, tell the upstream who they are, and stay in the gateway", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(echoes);
    const gateway = await stage.gateway({
      services: { a: [upstream.url] },
      auth: {
        partners: {
          apiKey: { keys: [{ id: "acme", sha256 }] },
          forward: { "x-client": "id" },
        },
      },
      routes: [
        { path: "/closed", to: "a", auth: "partners" },
        { path: "/open", to: "a" },
      ],
    });
    const ask = (path: string, headers: Record<string, string>) =>
      stage.request(gateway.port, path, { headers });
    const missing = await ask("/closed", {});
    expect(missing.status).toBe(401);
    expect(missing.headers["www-authenticate"]).toContain("x-api-key");
    expect((await ask("/closed", { "x-api-key": "guess" })).status).toBe(401);
    expect(upstream.calls).toHaveLength(0);
    const key = Buffer.from("sëcret").toString("latin1");
    const known = await ask("/closed", {
      "x-api-key": key,
      "x-client": "boss",
      x_client: "boss",
    });
    expect(known.status).toBe(200);
    expect(headersOf(known.body)["x-client"]).toBe("acme");
    expect(headersOf(known.body)).not.toHaveProperty("x-api-key");
    expect(headersOf(known.body)).not.toHaveProperty("x_client");
    const open = await ask("/open", { "x-client": "boss", x_client: "boss" });
    expect(headersOf(open.body)).not.toHaveProperty("x-client");
    expect(headersOf(open.body)).not.toHaveProperty("x_client");
  });
});

describe("a middleware", () => {
  const using = async (stage: Stage, middleware: Middleware) => {
    const upstream = await stage.upstream(echoes);
    const gateway = await stage.gateway(
      {
        services: { a: [upstream.url] },
        routes: [{ path: "/**", to: "a", use: [{ mine: {} }] }],
      },
      {
        middleware: [
          defineMiddleware({
            name: "mine",
            options: { type: "object" },
            create: () => middleware,
          }),
        ],
      },
    );
    return { upstream, gateway };
  };

  it("changes the request before the upstream sees it and the answer before the client does", async () => {
    await using stage = new Stage();
    const { gateway } = await using(stage, async ({ request }, next) => {
      request.setHeader("X-Added", "yes");
      request.removeHeader("x-secret");
      const response = await next();
      response.status = 202;
      response.headers["x-seen"] = [request.method, request.path];
      return response;
    });
    const answer = await stage.request(gateway.port, "/y//z", {
      method: "POST",
      body: "x".repeat(100_000),
      headers: { "x-secret": "s" },
    });
    expect(answer.status).toBe(202);
    expect(answer.headers["x-seen"]).toBe("POST, /y/z");
    const seen = JSON.parse(answer.body) as { body: string };
    expect(seen.body).toHaveLength(100_000);
    expect(headersOf(answer.body)).toMatchObject({ "x-added": "yes" });
    expect(headersOf(answer.body)).not.toHaveProperty("x-secret");
  });

  it("may answer itself, and then nothing reaches the upstream", async () => {
    await using stage = new Stage();
    const { gateway, upstream } = await using(stage, () =>
      Promise.resolve({
        status: 418,
        headers: { "content-type": "text/plain" },
        body: "a tëapot",
      }),
    );
    const answer = await stage.request(gateway.port, "/x");
    expect([answer.status, answer.body]).toEqual([418, "a tëapot"]);
    expect(upstream.calls).toEqual([]);
  });

  it("may refuse an upload before the client sends it", async () => {
    await using stage = new Stage();
    const { gateway } = await using(stage, () =>
      Promise.resolve({ status: 403, headers: {}, body: "no" }),
    );
    const client = new RawClient(gateway.port);
    client.send(
      "PUT /x HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n",
    );
    expect((await client.answer()).body).toBe("no");
    expect(client.text).not.toContain("100 Continue");
    client.socket.end();
  });

  it("that fails is answered 500, and so is one that would split the answer", async () => {
    await using stage = new Stage();
    const { gateway } = await using(stage, async ({ request }, next) => {
      if (request.path === "/throws") throw new Error("secret reason");
      const response = await next();
      response.headers["x-evil"] = "a\r\nset-cookie: b";
      return response;
    });
    for (const path of ["/throws", "/splits"]) {
      const answer = await stage.request(gateway.port, path);
      expect(answer.status).toBe(500);
      expect(answer.body).not.toContain("secret");
      expect(answer.headers).not.toHaveProperty("set-cookie");
    }
  });

  it("that never ends is cut off at the deadline", async () => {
    await using stage = new Stage();
    const clock = new ManualClock();
    let begun = false;
    const gateway = await stage.gateway(
      {
        services: { a: [] },
        routes: [{ path: "/**", to: "a", use: [{ stuck: {} }] }],
      },
      {
        clock,
        middleware: [
          defineMiddleware({
            name: "stuck",
            options: {},
            create: () => () => {
              begun = true;
              return new Promise(() => undefined);
            },
          }),
        ],
      },
    );
    const answer = stage.request(gateway.port, "/x");
    await until("the middleware", () => begun);
    await clock.advance(10_050);
    expect((await answer).status).toBe(504);
  });
});

describe("discovered services", () => {
  it("follow the registry, and a drained instance gets no more requests", async () => {
    await using stage = new Stage();
    await using registry = memoryRegistry();
    const one = await stage.upstream(answers("one"));
    const two = await stage.upstream(answers("two"));
    const gateway = await stage.gateway(
      {
        services: { a: { discover: "orders", balance: "round-robin" } },
        routes: [{ path: "/**", to: "a" }],
      },
      { registry },
    );
    expect((await stage.request(gateway.port, "/x")).status).toBe(503);
    const register = (port: number) =>
      registry.register({ service: "orders", host: "127.0.0.1", port });
    const first = await register(one.port);
    await register(two.port);
    const seen = new Set<string>();
    await stage.eventually(gateway.port, "/x", ({ body }) => {
      seen.add(body);
      return seen.has("one") && seen.has("two");
    });
    await first.setState("draining");
    // In turn: two answers of the other in a row show that the view knows.
    let streak = 0;
    await stage.eventually(gateway.port, "/x", ({ body }) => {
      streak = body === "two" ? streak + 1 : 0;
      return streak === 2;
    });
    const after = one.calls.length;
    for (let call = 0; call < 10; call++)
      expect((await stage.request(gateway.port, "/x")).body).toBe("two");
    expect(one.calls.length).toBe(after);
  });
});
