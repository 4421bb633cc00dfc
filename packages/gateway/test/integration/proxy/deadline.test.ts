import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { RawClient } from "../http1/raw-client.ts";
import { until } from "../http1/wait.ts";
import { answers, type Handler, Stage } from "./stage.ts";

const silent: Handler = () => undefined;

const timeouts = {
  total: "10s",
  attempt: "3s",
  connect: "1s",
  idle: "5s",
} as const;

const setUp = async (
  stage: Stage,
  handler: Handler,
  retry: object = { attempts: 1 },
) => {
  const clock = new ManualClock();
  const upstream = await stage.upstream(handler);
  const gateway = await stage.gateway(
    {
      services: {
        a: { targets: [upstream.url], eject: false, breaker: false },
      },
      routes: [{ path: "/**", to: "a", timeout: timeouts, retry }],
    },
    { clock },
  );
  return { clock, upstream, gateway };
};

describe("deadlines", () => {
  it("answer 504 when an attempt gives no head in time, and not before", async () => {
    await using stage = new Stage();
    const { clock, upstream, gateway } = await setUp(stage, silent);
    let settled = false;
    const answer = stage
      .request(gateway.port, "/x")
      .finally(() => (settled = true));
    await until("the call", () => upstream.calls.length === 1);
    await clock.advance(2_950);
    expect(settled).toBe(false);
    await clock.advance(100);
    expect((await answer).status).toBe(504);
    expect((await answer).headers["proxy-status"]).toContain(
      "http_response_timeout",
    );
  });

  it("start another attempt after a timeout when the route says so, until the total is used up", async () => {
    await using stage = new Stage();
    const { clock, upstream, gateway } = await setUp(stage, silent, {
      attempts: 9,
      on: ["timeout"],
      backoff: 0,
    });
    const answer = stage.request(gateway.port, "/x");
    for (const attempt of [1, 2, 3, 4]) {
      await until(`call ${attempt}`, () => upstream.calls.length === attempt);
      await clock.advance(3_050);
    }
    expect((await answer).status).toBe(504);
    expect(upstream.calls).toHaveLength(4);
  });

  it("tell the upstream that nobody waits any more", async () => {
    await using stage = new Stage();
    let closed = false;
    const { clock, upstream, gateway } = await setUp(stage, (request) => {
      request.socket.on("close", () => (closed = true));
    });
    const answer = stage.request(gateway.port, "/x");
    await until("the call", () => upstream.calls.length === 1);
    await clock.advance(3_050);
    expect((await answer).status).toBe(504);
    await until("the upstream's connection is closed", () => closed);
  });

  it("cut a body that stands still for the idle time", async () => {
    await using stage = new Stage();
    const { clock, gateway } = await setUp(stage, (_request, response) => {
      response.write("some");
    });
    const client = new RawClient(gateway.port);
    client.send("GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
    await until("the beginning", () => client.text.includes("some"));
    await clock.advance(5_050);
    await until("the cut", () => client.closed);
    expect(client.text).not.toContain("\r\n0\r\n");
  });

  it("cut a body that goes on beyond the total", async () => {
    await using stage = new Stage();
    let more: () => void = () => undefined;
    const { clock, gateway } = await setUp(stage, (_request, response) => {
      more = () => response.write("more");
      more();
    });
    const client = new RawClient(gateway.port);
    client.send("GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
    for (const seconds of [0, 3, 6, 9]) {
      await until(
        `the body at ${seconds} s`,
        () => client.text.split("more").length > seconds / 3 + 1,
      );
      expect(client.over).toBe(false);
      await clock.advance(3_000);
      more();
    }
    await until("the cut", () => client.closed);
  });

  it("leave a stream of events alone as long as it moves", async () => {
    await using stage = new Stage();
    let more: () => void = () => undefined;
    const { clock, gateway } = await setUp(stage, (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      more = () => response.write("data: x\n\n");
      more();
    });
    const client = new RawClient(gateway.port);
    client.send("GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
    for (let event = 1; event <= 8; event++) {
      await until(
        `event ${event}`,
        () => client.text.split("data: x").length > event,
      );
      await clock.advance(4_000);
      more();
    }
    expect(client.over).toBe(false);
    await clock.advance(5_050);
    await until("the end of one that stands still", () => client.closed);
  });

  it("answer 408 when it is the client's body that does not come", async () => {
    await using stage = new Stage();
    const { clock, upstream, gateway } = await setUp(stage, answers("never"));
    const client = new RawClient(gateway.port);
    client.send(
      "POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n12345",
    );
    await until("the call", () => upstream.calls.length === 1);
    await clock.advance(3_050);
    await clock.advance(7_000);
    const answer = await client.answer();
    expect(answer.startLine).toMatch(/408/);
  });
});
