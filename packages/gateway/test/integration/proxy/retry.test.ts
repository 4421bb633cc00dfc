import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { until } from "../http1/wait.ts";
import { answers, echoes, resets, Stage, type Upstream } from "./stage.ts";

/** A gateway over `targets`, taken in turn from the first. */
const over = (
  stage: Stage,
  targets: readonly string[],
  retry: object = {},
  options: object = {},
): ReturnType<Stage["gateway"]> =>
  stage.gateway(
    {
      services: {
        a: { targets, balance: "round-robin", eject: false, breaker: false },
      },
      routes: [
        {
          path: "/**",
          to: "a",
          retry: { backoff: 0, budget: "100%", ...retry },
        },
      ],
    },
    { random: () => 0, ...options },
  );

const total = (upstreams: readonly Upstream[]): number =>
  upstreams.reduce((sum, upstream) => sum + upstream.calls.length, 0);

describe("retry", () => {
  it("asks another instance when the first refuses the connection, whatever the method", async () => {
    await using stage = new Stage();
    const good = await stage.upstream(echoes);
    const gateway = await over(stage, [await stage.deadUrl(), good.url]);
    for (const method of ["GET", "POST", "POST", "PATCH"]) {
      const body = method === "GET" ? "" : "the body";
      const answer = await stage.request(gateway.port, "/x", { method, body });
      expect(answer.status).toBe(200);
      expect((JSON.parse(answer.body) as { body: string }).body).toBe(body);
    }
  });

  it("asks another instance when the first resets an idempotent request, with the same body", async () => {
    await using stage = new Stage();
    const bad = await stage.upstream(resets);
    const good = await stage.upstream(echoes);
    const gateway = await over(stage, [bad.url, good.url]);
    const body = "x".repeat(64 * 1024);
    for (let round = 0; round < 4; round++) {
      const answer = await stage.request(gateway.port, "/x", {
        method: "PUT",
        body,
      });
      expect(answer.status).toBe(200);
      expect((JSON.parse(answer.body) as { body: string }).body).toBe(body);
    }
    expect(bad.calls.length).toBeGreaterThan(0);
  });

  it("does not send a request twice that may have been carried out and is not idempotent", async () => {
    await using stage = new Stage();
    const upstreams = [
      await stage.upstream(resets),
      await stage.upstream(resets),
    ];
    const gateway = await over(
      stage,
      upstreams.map(({ url }) => url),
    );
    const answer = await stage.request(gateway.port, "/x", {
      method: "POST",
      body: "pay",
    });
    expect(answer.status).toBe(502);
    expect(answer.headers["proxy-status"]).toContain("connection_terminated");
    expect(total(upstreams)).toBe(1);
  });

  it("does not send a body again that was too large to hold", async () => {
    await using stage = new Stage();
    const upstreams = [
      await stage.upstream(resets),
      await stage.upstream(resets),
    ];
    const gateway = await over(
      stage,
      upstreams.map(({ url }) => url),
    );
    const body = "x".repeat(200 * 1024);
    const answer = await stage.request(gateway.port, "/x", {
      method: "PUT",
      body,
    });
    expect(answer.status).toBe(502);
    expect(total(upstreams)).toBe(1);
  });

  it("makes no more attempts than the route allows and answers with the last failure", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(resets);
    const gateway = await over(stage, [upstream.url], { attempts: 3 });
    const answer = await stage.request(gateway.port, "/x");
    expect(answer.status).toBe(502);
    expect(upstream.calls).toHaveLength(3);
  });

  it("asks another instance for a status the route names, and only for that", async () => {
    await using stage = new Stage();
    const tired = await stage.upstream(answers("tired", 503));
    const broken = await stage.upstream(answers("broken", 500));
    const gateway = await over(stage, [tired.url, broken.url]);
    const statuses = [];
    for (let round = 0; round < 4; round++)
      statuses.push((await stage.request(gateway.port, "/x")).status);
    expect(new Set(statuses)).toEqual(new Set([500]));
    expect(tired.calls.length).toBeGreaterThan(0);
  });

  it("tells the client how the last attempt failed, not an earlier one", async () => {
    await using stage = new Stage();
    const bad = await stage.upstream(resets);
    const gateway = await over(stage, [await stage.deadUrl(), bad.url]);
    const answer = await stage.request(gateway.port, "/x");
    expect(bad.calls).toHaveLength(1);
    expect(answer.headers["proxy-status"]).toContain("connection_terminated");
  });

  it("gives the client the upstream's own answer when no attempt is left", async () => {
    await using stage = new Stage();
    const tired = await stage.upstream(
      answers("tired", 503, { "x-why": "load" }),
    );
    const gateway = await over(stage, [tired.url]);
    const answer = await stage.request(gateway.port, "/x");
    expect([answer.status, answer.body, answer.headers["x-why"]]).toEqual([
      503,
      "tired",
      "load",
    ]);
    expect(tired.calls).toHaveLength(2);
  });

  it("waits for Retry-After when the deadline allows it", async () => {
    await using stage = new Stage();
    const clock = new ManualClock();
    const upstream = await stage.upstream(
      answers("later", 503, { "retry-after": "2" }),
    );
    const gateway = await over(stage, [upstream.url], {}, { clock });
    const answer = stage.request(gateway.port, "/x");
    await until("the first attempt", () => upstream.calls.length === 1);
    upstream.handler = answers("now");
    await clock.advance(1_900);
    expect(upstream.calls).toHaveLength(1);
    // The answer may still be on its way to the gateway when the clock moves: keep it moving.
    await until("the second attempt", () => {
      void clock.advance(50);
      return upstream.calls.length === 2;
    });
    expect((await answer).body).toBe("now");
  });

  it("passes a 503 on whose Retry-After lies beyond the deadline", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream(
      answers("later", 503, { "retry-after": "60" }),
    );
    const gateway = await over(stage, [upstream.url]);
    expect(
      (await stage.request(gateway.port, "/x")).headers["retry-after"],
    ).toBe("60");
    expect(upstream.calls).toHaveLength(1);
  });

  it("spends no more than the budget: a fifth of the requests, and three in any case", async () => {
    await using stage = new Stage();
    const clock = new ManualClock();
    const upstream = await stage.upstream(resets);
    const gateway = await over(
      stage,
      [upstream.url],
      { attempts: 3, budget: "20%" },
      { clock },
    );
    for (let request = 0; request < 100; request++)
      await stage.request(gateway.port, "/x");
    expect(upstream.calls.length - 100).toBeLessThanOrEqual(20);
    expect(upstream.calls.length - 100).toBeGreaterThanOrEqual(18);
  });

  it("never starts over once the client has part of an answer: the answer is cut", async () => {
    await using stage = new Stage();
    const upstream = await stage.upstream((_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("the beginning", () => response.socket?.resetAndDestroy());
    });
    const gateway = await over(stage, [
      upstream.url,
      upstream.url.replace("127.0.0.1", "localhost"),
    ]);
    await expect(stage.request(gateway.port, "/x")).rejects.toThrow(
      /aborted|hang up|ECONNRESET/,
    );
    expect(upstream.calls).toHaveLength(1);
  });
});
