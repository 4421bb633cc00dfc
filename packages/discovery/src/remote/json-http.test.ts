import { getEventListeners } from "node:events";
import { createServer as createPlainServer } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { certificate, privateKey } from "../../test/certificate.ts";
import { startEtcdDouble } from "../../test/etcd-double.ts";
import { JsonHttp } from "./json-http.ts";

const { signal } = new AbortController();

describe("JsonHttp over TLS", () => {
  let server: Server;
  let url: URL;
  beforeEach(async () => {
    server = createServer(
      {
        key: privateKey,
        cert: certificate,
        ca: certificate,
        requestCert: true,
        rejectUnauthorized: false,
      },
      (request, response) => {
        const { socket } = request;
        const isKnown = "authorized" in socket && socket.authorized;
        response.end(JSON.stringify({ isKnown }));
      },
    );
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", resolve),
    );
    url = new URL(
      `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    );
  });
  afterEach(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );

  it("trusts the authority it is given, for the name it is given, and shows its own certificate", async () => {
    const http = new JsonHttp({
      ca: certificate,
      cert: certificate,
      key: Buffer.from(privateKey),
      servername: "etcd.test",
    });
    expect(await http.post(url, { body: {}, signal })).toMatchObject({
      status: 200,
      text: '{"isKnown":true}',
    });
    http.close();
  });

  it("shows nothing of its own unless asked to", async () => {
    const http = new JsonHttp({
      ca: certificate,
      servername: "etcd.test",
      cert: undefined,
    });
    expect((await http.post(url, { body: {}, signal })).text).toBe(
      '{"isKnown":false}',
    );
    http.close();
  });

  it("refuses a server it has no reason to trust, and one of another name", async () => {
    const strangers = new JsonHttp();
    await expect(strangers.post(url, { body: {}, signal })).rejects.toThrow(
      /self-signed/,
    );
    const misled = new JsonHttp({ ca: certificate, servername: "other.test" });
    await expect(misled.post(url, { body: {}, signal })).rejects.toThrow(
      /other\.test/,
    );
  });
});

describe("JsonHttp", () => {
  it("ends an exchange by its signal, and leaves no listener on it", async () => {
    const double = await startEtcdDouble();
    const http = new JsonHttp();
    const abort = new AbortController();
    double.answer = () => undefined;
    const asked = http.post(new URL("v3/kv/range", `${double.url}/`), {
      body: {},
      signal: abort.signal,
    });
    await expect.poll(() => double.asked).toHaveLength(1);
    expect(getEventListeners(abort.signal, "abort")).not.toEqual([]);
    abort.abort();
    await expect(asked).rejects.toThrow(/aborted/);
    const kept = new AbortController();
    double.answer = () => ({ body: { a: 1 } });
    const answer = await http.post(new URL("v3/kv/range", `${double.url}/`), {
      body: {},
      signal: kept.signal,
    });
    expect(answer).toMatchObject({ status: 200, text: '{"a":1}' });
    await expect
      .poll(() => getEventListeners(kept.signal, "abort"))
      .toEqual([]);
    http.close();
    await double.close();
  });
});

describe("JsonHttp over plain connections", () => {
  it("has no more than 64 exchanges under way, and streams beside them", async () => {
    let most = 0;
    const waiting = new Set<() => void>();
    const server = createPlainServer((request, response) => {
      if (request.url === "/stream") {
        response.write("{}");
        return;
      }
      waiting.add(() => response.end("{}"));
      most = Math.max(most, waiting.size);
    });
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", resolve),
    );
    const { port } = server.address() as AddressInfo;
    const at = (path: string) => new URL(`http://127.0.0.1:${port}${path}`);
    const http = new JsonHttp();
    const answers = Promise.all(
      Array.from({ length: 200 }, () =>
        http.post(at("/"), { body: {}, signal }),
      ),
    );
    await expect.poll(() => waiting.size).toBe(64);
    const streams = await Promise.all(
      Array.from({ length: 70 }, () =>
        http.open(at("/stream"), { body: {}, signal }),
      ),
    );
    expect(streams).toHaveLength(70);
    let answered = 0;
    while (answered < 200) {
      await expect.poll(() => waiting.size).toBeGreaterThan(0);
      for (const answer of waiting) {
        waiting.delete(answer);
        answered++;
        answer();
      }
    }
    expect(await answers).toHaveLength(200);
    expect(most).toBe(64);
    for (const stream of streams) stream.on("error", () => undefined);
    http.close();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  });
});
