import { getEventListeners } from "node:events";
import type { ServerResponse } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { httpClassify, resilientFetch } from "../../src/http/index.ts";
import { pipeline, retry, timeout, type Policy } from "../../src/index.ts";
import { begin, eventually, serve } from "./web-server.ts";

const make = (...policies: readonly Policy[]) => {
  const clock = new ManualClock();
  const guarded = pipeline({ clock, classify: httpClassify }, ...policies);
  return { clock, fetch: resilientFetch(guarded) };
};

/** A server whose answers stay open until the test ends them. */
const serveSlowly = async () => {
  const answers: ServerResponse[] = [];
  const server = await serve((response) => {
    begin(response);
    answers.push(response);
  });
  return { ...server, answers };
};

const orders: readonly (readonly [string, readonly Policy[]])[] = [
  ["no policy", []],
  ["a timeout", [timeout("1s")]],
  ["a total timeout around a retry", [timeout("1s"), retry()]],
  ["a timeout inside a retry", [retry(), timeout("1s")]],
];

describe.each(orders)("a response's body under %s", (_, policies) => {
  it("can be read long after the call has ended and its time is over", async () => {
    await using server = await serveSlowly();
    const { clock, fetch } = make(...policies);
    const response = await fetch(server.url, {
      signal: new AbortController().signal,
    });
    await clock.advance(3_600_000);
    server.answers[0]!.end("last");
    expect(await response.text()).toBe("first,last");
  });

  it("is aborted by the caller while it is read", async () => {
    await using server = await serveSlowly();
    const { fetch } = make(...policies);
    const controller = new AbortController();
    const response = await fetch(server.url, { signal: controller.signal });
    const reading = response.text();
    const reason = new Error("the user left");
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await eventually("no connection", () => server.connections.size === 0);
  });

  it("is aborted by the signal of a Request, unless the settings take that away", async () => {
    await using server = await serveSlowly();
    const { fetch } = make(...policies);
    const controller = new AbortController();
    const request = new Request(server.url, { signal: controller.signal });
    const aborted = await fetch(request);
    const untied = await fetch(request, { signal: null });
    controller.abort(new Error("the user left"));
    await expect(aborted.text()).rejects.toThrow("the user left");
    server.answers[1]!.end("last");
    expect(await untied.text()).toBe("first,last");
  });
});

describe("a response's body under a policy that aborts when its call has ended", () => {
  const tidy: Policy = {
    name: "tidy",
    async execute(next, context) {
      const controller = new AbortController();
      try {
        return await next({ ...context, signal: controller.signal });
      } finally {
        controller.abort();
      }
    },
  };

  it("can be read all the same", async () => {
    await using server = await serveSlowly();
    const { fetch } = make(tidy);
    const { signal } = new AbortController();
    const responses = [
      await fetch(server.url),
      await fetch(server.url, { signal }),
    ];
    for (const answer of server.answers) answer.end("last");
    for (const response of responses)
      expect(await response.text()).toBe("first,last");
  });
});

describe("a request without an answer", () => {
  it("is aborted by a timeout", async () => {
    await using server = await serve(() => undefined);
    const { clock, fetch } = make(timeout("1s"));
    const running = expect(fetch(server.url)).rejects.toMatchObject({
      kind: "timeout",
    });
    await eventually("a request", () => server.heard.length === 1);
    await clock.advance(1_000);
    await running;
    await eventually("no connection", () => server.connections.size === 0);
  });

  it("is aborted by the caller, with the caller's reason, and is not repeated", async () => {
    await using server = await serve(() => undefined);
    const { fetch } = make(retry(), timeout("1s"));
    const controller = new AbortController();
    const reason = new Error("the user left");
    const running = expect(
      fetch(server.url, { signal: controller.signal }),
    ).rejects.toBe(reason);
    await eventually("a request", () => server.heard.length === 1);
    controller.abort(reason);
    await running;
    await eventually("no connection", () => server.connections.size === 0);
    expect(server.heard).toHaveLength(1);
    await expect(fetch(server.url, { signal: controller.signal })).rejects.toBe(
      reason,
    );
    expect(server.heard).toHaveLength(1);
  });
});

describe("a request under a policy that does not hand the caller's abort on", () => {
  const deaf: Policy = {
    name: "deaf",
    execute: async (next, context) =>
      next({ ...context, signal: new AbortController().signal }),
  };

  it("is not sent when the caller has aborted already", async () => {
    await using server = await serve((response) =>
      response.writeHead(503).end(),
    );
    const { clock, fetch } = make(deaf, retry());
    const controller = new AbortController();
    const running = expect(
      fetch(server.url, { signal: controller.signal }),
    ).rejects.toThrow("the user left");
    await eventually("the pause of a retry", () => clock.pending > 0);
    controller.abort(new Error("the user left"));
    await clock.advance(60_000);
    await running;
    expect(server.heard).toHaveLength(1);
  });
});

describe("a caller's signal that lives long", () => {
  const { signal } = new AbortController();
  const listeners = (): number => getEventListeners(signal, "abort").length;

  it("keeps no listener for a request that failed or has no body", async () => {
    const { fetch } = make(timeout("1s"));
    await expect(fetch("nowhere", { signal })).rejects.toThrow();
    await using server = await serve((response) =>
      response.writeHead(204).end(),
    );
    await fetch(server.url, { signal });
    expect(listeners()).toBe(0);
  });

  it("keeps none for bodies that are gone", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    await using server = await serve((response) => response.end("hello"));
    const { fetch } = make(timeout("1s"));
    for (let call = 0; call < 20; call++)
      await (await fetch(server.url, { signal })).text();
    await eventually("no listener", () => {
      collectGarbage();
      return listeners() === 0;
    });
  });
});
