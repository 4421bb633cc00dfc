import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { ManualClock } from "@dp/core/testing";
import { memoryRegistry } from "@dp/discovery";
import { describe, expect, it } from "vitest";
import { until } from "../http1/wait.ts";
import { answers, Stage } from "./stage.ts";

/** An upstream that shows its connections. */
const rawUpstream = async (
  answer: (socket: Socket, request: number) => void,
): Promise<{ url: string; sockets: Socket[]; close: () => void }> => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    let requests = 0;
    socket.on("error", () => undefined);
    socket.on("data", () => answer(socket, ++requests));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

const ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

const routes = [{ path: "/**", to: "a", retry: { attempts: 1 } }];

describe("connections to an instance", () => {
  it("are used again and never outnumber their maximum; what waits is served in turn", async () => {
    await using stage = new Stage();
    let open = 0;
    let most = 0;
    const upstream = await stage.upstream((_request, response) => {
      most = Math.max(most, ++open);
      setImmediate(() => {
        open--;
        response.end("ok");
      });
    });
    const gateway = await stage.gateway({
      services: { a: { targets: [upstream.url], connections: { max: 3 } } },
      routes,
    });
    const all = Array.from({ length: 40 }, () =>
      stage.request(gateway.port, "/x", { fresh: true }),
    );
    for (const answer of await Promise.all(all)) expect(answer.body).toBe("ok");
    expect(most).toBeLessThanOrEqual(3);
    const { body } = await stage.request(gateway.adminPort, "/metrics");
    const connections = /dp_gateway_upstream_connections\{.*\} (\d+)/.exec(
      body,
    );
    expect(Number(connections?.[1])).toBeLessThanOrEqual(3);
  });

  it("are not taken by a request that has given up waiting for one", async () => {
    await using stage = new Stage();
    const clock = new ManualClock();
    let release: () => void = () => undefined;
    const upstream = await stage.upstream((_request, response) => {
      release = () => response.end("ok");
    });
    const gateway = await stage.gateway(
      {
        services: { a: { targets: [upstream.url], connections: { max: 1 } } },
        routes,
      },
      { clock },
    );
    const first = stage.request(gateway.port, "/first", { fresh: true });
    await until("the first call", () => upstream.calls.length === 1);
    const second = stage.request(gateway.port, "/second", { fresh: true });
    let status = 0;
    void second.then((answer) => (status = answer.status));
    await until("the wait to be given up", () => {
      void clock.advance(50);
      return status !== 0 || clock.now() > 2_500;
    });
    expect(status).toBe(504);
    release();
    expect((await first).body).toBe("ok");
    const third = stage.request(gateway.port, "/third", { fresh: true });
    await until("the third call", () => upstream.calls.length > 1);
    release();
    await third;
    expect(upstream.calls).toEqual(["GET /first", "GET /third"]);
  });

  it("that carry bytes nobody asked for are closed, and nobody gets those bytes", async () => {
    await using stage = new Stage();
    const evil = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil";
    const upstream = await rawUpstream((socket) => socket.write(ok + evil));
    const gateway = await stage.gateway({
      services: { a: [upstream.url] },
      routes,
    });
    for (let call = 0; call < 3; call++)
      expect((await stage.request(gateway.port, "/x")).body).toBe("ok");
    expect(upstream.sockets).toHaveLength(3);
    upstream.close();
  });

  it("are given up a second before the upstream's own idle time is over", async () => {
    await using stage = new Stage();
    const clock = new ManualClock();
    const upstream = await rawUpstream((socket) =>
      socket.write(ok.replace("\r\n", "\r\nkeep-alive: timeout=5\r\n")),
    );
    const gateway = await stage.gateway(
      { services: { a: [upstream.url] }, routes },
      { clock },
    );
    await stage.request(gateway.port, "/x");
    await clock.advance(3_900);
    await stage.request(gateway.port, "/x");
    expect(upstream.sockets).toHaveLength(1);
    await clock.advance(4_100);
    await until(
      "the end of the idle connection",
      () =>
        upstream.sockets[0]?.destroyed === true ||
        upstream.sockets[0]?.readableEnded === true,
    );
    await stage.request(gateway.port, "/x");
    expect(upstream.sockets).toHaveLength(2);
    upstream.close();
  });

  it("go to the new address when an instance's id moves", async () => {
    await using stage = new Stage();
    await using registry = memoryRegistry();
    const one = await rawUpstream((socket) => socket.write(ok));
    const two = await stage.upstream(answers("two"));
    const register = (port: number) =>
      registry.register({ service: "a", id: "same", host: "127.0.0.1", port });
    await register(Number(new URL(one.url).port));
    const gateway = await stage.gateway(
      { services: { a: { discover: "a" } }, routes },
      { registry },
    );
    expect((await stage.request(gateway.port, "/x")).body).toBe("ok");
    await register(two.port);
    await stage.eventually(gateway.port, "/x", ({ body }) => body === "two");
    await until(
      "the end of the connection to the old address",
      () => one.sockets[0]?.readableEnded === true,
    );
    one.close();
  });
});
