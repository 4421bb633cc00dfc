import { ManualClock } from "@dp/core/testing";
import { memoryRegistry } from "@dp/discovery";
import { describe, expect, it } from "vitest";
import { RawClient } from "../http1/raw-client.ts";
import { until } from "../http1/wait.ts";
import { answers, resets, Stage } from "./stage.ts";

describe("the service's breaker", () => {
  it("opens on failed attempts, keeps every call away, and closes through a probe", async () => {
    await using stage = new Stage();
    const clock = new ManualClock();
    const upstream = await stage.upstream(answers("bad", 502));
    const gateway = await stage.gateway(
      {
        services: {
          a: {
            targets: [upstream.url],
            eject: false,
            breaker: { minimum: 5, openFor: "5s" },
          },
        },
        routes: [{ path: "/**", to: "a" }],
      },
      { clock },
    );
    for (let call = 0; call < 5; call++)
      expect((await stage.request(gateway.port, "/x")).body).toBe("bad");
    const refused = await stage.request(gateway.port, "/x");
    expect(refused.status).toBe(503);
    expect(refused.headers["retry-after"]).toBe("5");
    expect(upstream.calls).toHaveLength(5);
    await clock.advance(5_000);
    upstream.handler = answers("good");
    expect((await stage.request(gateway.port, "/x")).body).toBe("good");
    expect((await stage.request(gateway.port, "/x")).body).toBe("good");
  });

  it("learns nothing from a call whose client has left", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(() => undefined);
    const gateway = await stage.gateway({
      services: { a: { targets: [upstream.url], breaker: { minimum: 1 } } },
      routes: [{ path: "/**", to: "a" }],
    });
    const client = new RawClient(gateway.port);
    client.send("GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
    await until("the call", () => upstream.calls.length === 1);
    client.socket.destroy();
    await until("the end of it", () => stage.lines.length === 1);
    expect(stage.lines[0]).toContain('"status":499');
    upstream.handler = answers("ok");
    expect((await stage.request(gateway.port, "/x")).body).toBe("ok");
  });

  it("gets its probe back when no instance can take it, and when a stream of events has begun", async () => {
    await using stage = new Stage();
    const clock = new ManualClock();
    await using registry = memoryRegistry({ clock });
    const upstream = await stage.upstream(answers("bad", 502));
    const register = () =>
      registry.register({
        service: "a",
        host: "127.0.0.1",
        port: upstream.port,
        ttl: Infinity,
      });
    const only = await register();
    const gateway = await stage.gateway(
      {
        services: {
          a: { discover: "a", eject: false, breaker: { minimum: 1 } },
        },
        routes: [{ path: "/**", to: "a" }],
      },
      { registry, clock },
    );
    expect((await stage.request(gateway.port, "/x")).status).toBe(502);
    await clock.advance(5_000);
    await only.close();
    await stage.eventually(gateway.port, "/x", () =>
      stage.lines.some((line) => line.includes("DP_NO_INSTANCE")),
    );
    await register();
    upstream.handler = (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: one\n\n");
    };
    const client = new RawClient(gateway.port);
    await stage.eventually(gateway.adminPort, "/services", ({ body }) =>
      body.includes('"standing": "ready"'),
    );
    client.send("GET /events HTTP/1.1\r\nhost: a\r\n\r\n");
    await until("the stream", () => client.text.includes("data: one"));
    upstream.handler = answers("ok");
    expect((await stage.request(gateway.port, "/x")).body).toBe("ok");
    client.socket.destroy();
  });

  it("takes 500 and 4xx for answers", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(answers("broken", 500));
    const gateway = await stage.gateway({
      services: { a: { targets: [upstream.url], breaker: { minimum: 2 } } },
      routes: [{ path: "/**", to: "a" }],
    });
    for (let call = 0; call < 10; call++)
      expect((await stage.request(gateway.port, "/x")).status).toBe(500);
  });

  it("takes them for answers also where the route tries again after them", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(answers("broken", 500));
    const gateway = await stage.gateway({
      services: {
        a: { targets: [upstream.url], eject: false, breaker: { minimum: 1 } },
      },
      routes: [{ path: "/**", to: "a", retry: { on: [500], backoff: 0 } }],
    });
    for (let call = 1; call <= 3; call++) {
      expect((await stage.request(gateway.port, "/x")).status).toBe(500);
      expect(upstream.calls).toHaveLength(2 * call);
    }
  });

  it("leaves the client the first failure when the retry is what it refuses", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(resets);
    const gateway = await stage.gateway({
      services: {
        a: { targets: [upstream.url], eject: false, breaker: { minimum: 1 } },
      },
      routes: [{ path: "/**", to: "a" }],
    });
    const answer = await stage.request(gateway.port, "/x");
    expect(answer.status).toBe(502);
    expect(answer.headers["proxy-status"]).toContain("connection_terminated");
    expect(upstream.calls).toHaveLength(1);
  });
});
