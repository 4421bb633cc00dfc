import type { Duration } from "@dp/core";
import { describe, expect, it } from "vitest";
import { defineMiddleware, type Middleware } from "../../../src/index.ts";
import { RawClient } from "../http1/raw-client.ts";
import { until } from "../http1/wait.ts";
import { answers, echoes, type Handler, Stage } from "./stage.ts";

/** A gateway whose every request runs through `middleware`. */
const behind = async (
  stage: Stage,
  middleware: Middleware,
  handler: Handler,
  total: Duration = "10s",
) => {
  const upstream = await stage.upstream(handler);
  const gateway = await stage.gateway(
    {
      services: { a: [upstream.url] },
      routes: [{ path: "/**", to: "a", use: [{ mine: {} }] }],
      defaults: { timeout: { total } },
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
  return { upstream, port: gateway.port };
};

describe("what a middleware does to a request", () => {
  const sent = async (middleware: Middleware): Promise<string> => {
    await using stage = new Stage();
    const { port } = await behind(stage, middleware, (request, response) => {
      request.resume();
      response.end(request.rawHeaders.join(" "));
    });
    return (await stage.request(port, "/x")).body;
  };

  it("replaces what it has set before", async () => {
    const lines = await sent((context, next) => {
      context.request.setHeader("X-A", "1");
      context.request.setHeader("x-a", "2");
      expect(context.request.header("x-a")).toBe("2");
      return next();
    });
    expect(lines).toContain("x-a 2");
    expect(lines).not.toContain("x-a 1");
  });

  it("removes what it has set before", async () => {
    const lines = await sent((context, next) => {
      context.request.setHeader("x-a", "1");
      context.request.removeHeader("X-A");
      return next();
    });
    expect(lines).not.toContain("x-a");
  });

  it("cannot give a field that the gateway sets a second line, nor frame the message, nor take Host away", async () => {
    const refused: string[] = [];
    await sent((context, next) => {
      const { request } = context;
      for (const name of [
        "X-Forwarded-For",
        "x-request-id",
        "Via",
        "traceparent",
        "Content-Length",
        "transfer-encoding",
        "x_a",
      ])
        expect(() => request.setHeader(name, "1"), name).toThrow(name);
      expect(() => request.removeHeader("Host")).toThrow("Host");
      refused.push("all");
      return next();
    });
    expect(refused).toEqual(["all"]);
  });
});

describe("what a middleware does to an answer", () => {
  it("leaves every name the service sent as it is", async () => {
    await using stage = new Stage();
    const { port } = await behind(
      stage,
      (_context, next) => next(),
      answers("ok", 200, { x_under: "1", ["__proto__"]: "2", "x-ok": "3" }),
    );
    const { status, headers } = await stage.request(port, "/x");
    expect(status).toBe(200);
    expect(headers["x_under"]).toBe("1");
    expect(headers["x-ok"]).toBe("3");
  });

  it("hands on a header named __proto__", async () => {
    await using stage = new Stage();
    const { port } = await behind(
      stage,
      (_context, next) => next(),
      (_request, response) => {
        response.setHeader("__proto__", "2");
        response.end();
      },
    );
    const client = new RawClient(port);
    client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    const { fields } = await client.answer();
    client.socket.end();
    expect(fields).toContainEqual(["__proto__", "2"]);
  });

  it("gives 204 no length and every status its phrase", async () => {
    await using stage = new Stage();
    const { port } = await behind(
      stage,
      () => Promise.resolve({ status: 204, headers: {}, body: "none" }),
      echoes,
    );
    const client = new RawClient(port);
    client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    const answer = await client.answer();
    client.socket.end();
    expect(JSON.stringify(answer)).toContain("No Content");
    expect(JSON.stringify(answer).toLowerCase()).not.toContain(
      "content-length",
    );
  });
});

describe("a middleware that outlives its request", () => {
  it("sends nothing to the service when the client has left before next()", async () => {
    await using stage = new Stage();
    let enter: () => void = () => undefined;
    let status = 0;
    const gate = new Promise<void>((resolve) => (enter = resolve));
    let waiting = false;
    const { upstream, port } = await behind(
      stage,
      async (_context, next) => {
        waiting = true;
        await gate;
        const response = await next();
        ({ status } = response);
        return response;
      },
      echoes,
    );
    const client = new RawClient(port);
    client.send("POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
    await until("the middleware", () => waiting);
    client.socket.destroy();
    await until("the log", () => stage.lines.length === 1);
    enter();
    await until("the end", () => status !== 0);
    expect(status).toBe(499);
    expect(upstream.calls).toEqual([]);
  });

  it("gets to let go of what it holds when the client leaves before the answer", async () => {
    await using stage = new Stage();
    let held = 0;
    const { upstream, port } = await behind(
      stage,
      async (_context, next) => {
        held++;
        try {
          return await next();
        } finally {
          held--;
        }
      },
      () => undefined,
    );
    const client = new RawClient(port);
    client.send("GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
    await until("the call", () => upstream.calls.length === 1);
    expect(held).toBe(1);
    client.socket.destroy();
    await until("the release", () => held === 0);
  });

  it("is answered for by the gateway when it keeps an answer too long", async () => {
    await using stage = new Stage();
    const { port } = await behind(
      stage,
      async (_context, next) => {
        await next();
        return new Promise(() => undefined);
      },
      answers("ok"),
      "300ms",
    );
    expect((await stage.request(port, "/x")).status).toBe(504);
  });
});

describe("a middleware that calls next() twice", () => {
  it("is answered 500, and the upstream gets the request once", async () => {
    await using stage = new Stage();
    const { port, upstream } = await behind(
      stage,
      async (_context, next) => {
        await next();
        return next();
      },
      answers("ok"),
    );
    expect((await stage.request(port, "/x")).status).toBe(500);
    expect(upstream.calls).toHaveLength(1);
  });
});
