import { spawnSync } from "node:child_process";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it, vi } from "vitest";
import { ConfigError, type GatewayConfig } from "../../../src/index.ts";
import { value } from "../http1/message-reader.ts";
import { RawClient } from "../http1/raw-client.ts";
import { until } from "../http1/wait.ts";
import { answers, type Handler, Stage } from "./stage.ts";

/** A handler whose answers wait until they are let go. */
const held = (): { handler: Handler; release: () => void } => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  return {
    handler: (_request, response) => void gate.then(() => response.end("late")),
    release,
  };
};

describe("drain", () => {
  it("answers every request in hand, ends their connections, and takes no new ones", async () => {
    await using stage = new Stage();
    const { handler, release } = held();
    const upstream = await stage.upstream(handler);
    const gateway = await stage.gateway({
      services: { a: [upstream.url] },
      routes: [{ path: "/**", to: "a" }],
    });
    const idle = new RawClient(gateway.port);
    const answer = stage.request(gateway.port, "/x", { fresh: true });
    await until("the call", () => upstream.calls.length === 1);
    const drained = gateway.drain();
    const ready = await stage.request(gateway.adminPort, "/readyz", {
      fresh: true,
    });
    expect([ready.status, ready.body]).toEqual([503, "draining\n"]);
    await expect(
      stage.request(gateway.port, "/x", { fresh: true }),
    ).rejects.toThrow("ECONNREFUSED");
    idle.send("GET /last HTTP/1.1\r\nhost: a\r\n\r\n");
    await until("the last call", () => upstream.calls.length === 2);
    release();
    expect((await answer).body).toBe("late");
    const last = await idle.answer();
    expect(last.body).toBe("late");
    // This client would have kept its connection.
    expect(value(last, "connection")).toBe("close");
    idle.socket.end();
    await drained;
  });

  it("is over as soon as the gateway is closed meanwhile", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(() => undefined);
    const config = {
      services: { a: [upstream.url] },
      routes: [{ path: "/**", to: "a" }],
    };
    const gateway = await stage.gateway(config);
    const answer = stage.request(gateway.port, "/x", { fresh: true });
    const cut = expect(answer).rejects.toThrow();
    await until("the call", () => upstream.calls.length === 1);
    const drained = gateway.drain({ within: "1h" });
    await gateway.close();
    await drained;
    await cut;
    await expect(gateway.apply(config)).rejects.toThrow("DP_CLOSED");
    await expect(gateway.listen()).rejects.toThrow("DP_CLOSED");
  });

  it("cuts what is left after the time given", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(() => undefined);
    const gateway = await stage.gateway({
      services: { a: [upstream.url] },
      routes: [{ path: "/**", to: "a" }],
    });
    const answer = stage.request(gateway.port, "/x", { fresh: true });
    const cut = expect(answer).rejects.toThrow();
    await until("the call", () => upstream.calls.length === 1);
    await gateway.drain({ within: 0 });
    await cut;
  });
});

describe("apply", () => {
  it("lets requests that have begun end under the configuration they began with", async () => {
    await using stage = new Stage();
    const { handler, release } = held();
    const old = await stage.upstream(handler);
    const next = await stage.upstream(answers("next"));
    const to = (url: string) => ({
      services: { a: [url] },
      routes: [{ path: "/**", to: "a" }],
      listen: { http: "127.0.0.1:0", admin: "127.0.0.1:0" },
    });
    const gateway = await stage.gateway(to(old.url));
    const answer = stage.request(gateway.port, "/x");
    await until("the call", () => old.calls.length === 1);
    const diff = await gateway.apply(to(next.url));
    expect(diff.services).toEqual({ added: [], removed: [], changed: ["a"] });
    expect((await stage.request(gateway.port, "/x")).body).toBe("next");
    release();
    expect((await answer).body).toBe("late");
  });

  it("keeps the breaker of a service that did not change", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(answers("bad", 502));
    const config = (path: string) => ({
      listen: { http: "127.0.0.1:0", admin: "127.0.0.1:0" },
      services: { a: { targets: [upstream.url], breaker: { minimum: 1 } } },
      routes: [{ path, to: "a" }],
    });
    const gateway = await stage.gateway(config("/before"));
    await stage.request(gateway.port, "/before");
    await gateway.apply(config("/after"));
    expect((await stage.request(gateway.port, "/before")).status).toBe(404);
    expect((await stage.request(gateway.port, "/after")).status).toBe(503);
    expect(upstream.calls).toHaveLength(1);
  });

  it("goes on with the counts of routes that have stayed", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(answers("ok"));
    const config = {
      listen: { http: "127.0.0.1:0", admin: "127.0.0.1:0" },
      services: { a: [upstream.url] },
      routes: [{ path: "/**", to: "a" }],
    };
    const gateway = await stage.gateway(config);
    await stage.request(gateway.port, "/x");
    await gateway.apply({ ...config, trust: ["10.0.0.0/8"] });
    await stage.request(gateway.port, "/x");
    const { body } = await stage.request(gateway.adminPort, "/metrics");
    expect(body).toContain(
      'dp_gateway_requests_total{route="/**",status="200"} 2',
    );
  });

  it("ends the health checks of a service that is gone, and closing ends all", async () => {
    await using stage = new Stage();
    const clock = new ManualClock();
    const upstream = await stage.upstream(answers("ok"));
    const config = (services: GatewayConfig["services"]): GatewayConfig => ({
      listen: { http: "127.0.0.1:0", admin: "127.0.0.1:0" },
      services,
      routes: [],
    });
    const checked = { targets: [upstream.url], health: { path: "/healthz" } };
    const gateway = await stage.gateway(config({ gone: checked }), { clock });
    await until("the first check", () => upstream.calls.length === 1);
    await gateway.apply(config({}));
    await until("the end of the checks", () => clock.pending === 0);
    await gateway.apply(config({ late: checked }));
    await until("the next check", () => upstream.calls.length === 2);
    await gateway.close();
    expect(clock.pending).toBe(0);
  });

  it("changes nothing when the configuration is refused, and names every problem", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(answers("ok"));
    const gateway = await stage.gateway({
      services: { a: [upstream.url] },
      routes: [{ path: "/**", to: "a" }],
    });
    const refused = await gateway
      .apply({
        services: { a: ["ftp://x"] },
        routes: [{ path: "/**", to: "b" }],
      })
      .catch((error: unknown) => error);
    expect(
      ConfigError.is(refused) && refused.problems.map(({ path }) => path),
    ).toEqual(["services.a[0]", "routes[0].to"]);
    expect((await stage.request(gateway.port, "/x")).body).toBe("ok");
  });
});

describe("the admin pages", () => {
  it("show services and breakers, and metrics that promtool accepts", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(answers("ok"));
    const gateway = await stage.gateway({
      services: { a: { targets: [upstream.url] } },
      routes: [{ path: "/**", to: "a", limit: { rate: "10/s" } }],
    });
    await stage.request(gateway.port, "/x");
    await stage.request(gateway.port, "/%2f");
    const page = async (path: string): Promise<string> =>
      (await stage.request(gateway.adminPort, path)).body;
    expect(await page("/healthz")).toBe("ok\n");
    expect(await page("/readyz")).toBe("ready\n");
    expect(JSON.parse(await page("/services"))).toMatchObject([
      { name: "a", instances: [{ standing: "ready", inFlight: 0 }] },
    ]);
    expect(JSON.parse(await page("/breakers"))).toMatchObject([
      { name: "a", state: "closed", counts: { total: 1, failures: 0 } },
    ]);
    expect((await stage.request(gateway.adminPort, "/nothing")).status).toBe(
      404,
    );
    const metrics = await page("/metrics");
    expect(metrics).toContain(
      'dp_gateway_requests_total{route="/**",status="200"} 1',
    );
    expect(metrics).toContain(
      'dp_gateway_requests_total{route="",status="400"} 1',
    );
    const { status, stderr } = spawnSync("promtool", ["check", "metrics"], {
      input: metrics,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("leave an address free again that the gateway could not fully have", async () => {
    await using stage = new Stage();
    const taken = await stage.upstream(answers("mine"));
    await expect(
      stage.gateway({
        listen: { http: `127.0.0.1:${taken.port}`, admin: "127.0.0.1:0" },
        services: {},
        routes: [],
      }),
    ).rejects.toThrow("EADDRINUSE");
  });
});

describe("the access log", () => {
  it("goes to standard output if no one else wants it, whole when the gateway is closed", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(answers("ok"));
    const written: string[] = [];
    const write = vi.spyOn(process.stdout, "write");
    write.mockImplementation((lines) => written.push(String(lines)) > 0);
    try {
      const gateway = await stage.gateway(
        {
          services: { a: [upstream.url] },
          routes: [{ path: "/**", to: "a" }],
        },
        { log: undefined, clock: new ManualClock() },
      );
      for (const path of ["/one", "/two"])
        await stage.request(gateway.port, path);
      expect(written).toEqual([]);
      await gateway.close();
    } finally {
      write.mockRestore();
    }
    const lines = written.join("").trimEnd().split("\n");
    expect(
      lines.map((line) => (JSON.parse(line) as { path: string }).path),
    ).toEqual(["/one", "/two"]);
  });

  it("has one JSON line a request with what an operator asks first", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(answers("four"));
    const gateway = await stage.gateway({
      services: { a: [upstream.url] },
      routes: [{ path: "/**", to: "a" }],
    });
    const answer = await stage.request(gateway.port, "/x?q=secret");
    expect(stage.lines).toHaveLength(1);
    expect(JSON.parse(stage.lines[0] ?? "")).toMatchObject({
      requestId: answer.headers["x-request-id"],
      method: "GET",
      path: "/x",
      status: 200,
      route: "/**",
      service: "a",
      instance: `127.0.0.1:${upstream.port}`,
      attempts: 1,
      client: "127.0.0.1",
    });
    expect(stage.lines[0]).not.toContain("secret");
  });
});
