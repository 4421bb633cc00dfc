import {
  constants,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { createServer as createHttp1Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { healthCheck } from "../../src/health/health-check.ts";
import {
  babble,
  closeEndpoints,
  eventually,
  listen,
  serve,
  timeoutMs,
  verdict,
  type Endpoint,
} from "./health-stage.ts";

afterEach(closeEndpoints);

type Treat = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  asked: Buffer,
) => void;

/** A gRPC server that calls `treat` when it has heard a whole request. */
const grpcServer = (treat: Treat, host?: string): Promise<Endpoint> => {
  const server = createServer();
  server.on("sessionError", () => undefined);
  server.on("session", (session) => session.on("error", () => undefined));
  server.on("stream", (stream, headers) => {
    const asked: Buffer[] = [];
    stream.on("error", () => undefined);
    stream.on("data", (data: Buffer) => asked.push(data));
    stream.on("end", () => treat(stream, headers, Buffer.concat(asked)));
  });
  return serve(server, host);
};

/** The body that says SERVING. */
const serving = Buffer.from([0, 0, 0, 0, 2, 0x08, 1]);

/** Answers as gRPC does: headers, one message, trailers. */
const answer =
  (
    body: Buffer | readonly Buffer[],
    trailers: OutgoingHttpHeaders = { "grpc-status": "0" },
    headers: OutgoingHttpHeaders = {},
  ): Treat =>
  (stream) => {
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", ...headers },
      { waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    for (const part of [body].flat()) stream.write(part);
    stream.end();
  };
const statusBody = (...message: number[]): Buffer =>
  Buffer.from([0, 0, 0, 0, message.length, ...message]);

const check = (
  endpoint: Endpoint,
  options: { service?: string; host?: string; within?: () => boolean } = {},
): Promise<boolean> => {
  const { service, host, within } = options;
  const health = healthCheck.grpc({ service, timeout: timeoutMs });
  // The check itself hangs up, long before the view is disposed of.
  const after = (): boolean => endpoint.sockets.size === 0;
  return verdict(health, endpoint.port, {
    after,
    ...(host !== undefined && { host }),
    ...(within !== undefined && { timeout: within }),
  });
};

describe("a gRPC health check", () => {
  it("calls Health/Check as gRPC does and passes on SERVING", async () => {
    for (const service of ["", "users.v1.Users"]) {
      let heard: [IncomingHttpHeaders, Buffer] | undefined;
      const endpoint = await grpcServer((stream, headers, asked) => {
        heard = [headers, asked];
        answer(serving)(stream, headers, asked);
      });
      expect(await check(endpoint, { service })).toBe(true);
      expect(endpoint.connections).toBe(1);
      expect(heard?.[0]).toMatchObject({
        ":method": "POST",
        ":path": "/grpc.health.v1.Health/Check",
        ":scheme": "http",
        ":authority": `127.0.0.1:${endpoint.port}`,
        "content-type": "application/grpc",
        te: "trailers",
      });
      const field = [0x0a, service.length, ...Buffer.from(service)];
      const expected = service === "" ? statusBody() : statusBody(...field);
      expect(heard?.[1]).toEqual(expected);
    }
  });

  it("passes however the answer is cut up, and whatever comes before it", async () => {
    const bytes = [...serving].map((byte) => Buffer.from([byte]));
    expect(await check(await grpcServer(answer(bytes)))).toBe(true);
    const informing = await grpcServer((stream, ...rest) => {
      stream.additionalHeaders({ ":status": 103 });
      answer(serving, undefined, {
        "content-type": "application/grpc+proto",
      })(stream, ...rest);
    });
    expect(await check(informing)).toBe(true);
  });

  it("reaches IPv6 addresses", async () => {
    const endpoint = await grpcServer(answer(serving), "::1");
    expect(await check(endpoint, { host: "::1" })).toBe(true);
  });

  it("fails on every other status", async () => {
    for (const message of [[0x08, 0], [0x08, 2], [0x08, 3], [0x08, 9], []]) {
      const endpoint = await grpcServer(answer(statusBody(...message)));
      expect(await check(endpoint)).toBe(false);
    }
  });

  it("fails on errors, with a message, without one and as trailers alone", async () => {
    for (const status of ["5", "12", "14", "00", "", "x"]) {
      const trailers = { "grpc-status": status, "grpc-message": "no" };
      for (const body of [serving, []])
        expect(await check(await grpcServer(answer(body, trailers)))).toBe(
          false,
        );
    }
    for (const status of ["0", "12"]) {
      const endpoint = await grpcServer((stream) =>
        stream.respond(
          {
            ":status": 200,
            "content-type": "application/grpc",
            "grpc-status": status,
          },
          { endStream: true },
        ),
      );
      expect(await check(endpoint)).toBe(false);
    }
  });

  it("fails on SERVING without a grpc-status, of another type, or as another HTTP status", async () => {
    const html = { "content-type": "text/html" };
    for (const treat of [
      answer(serving, { "x-status": "0" }),
      answer(serving, undefined, html),
      answer(serving, undefined, { ":status": 404 }),
      answer(serving, undefined, { ":status": 503 }),
    ])
      expect(await check(await grpcServer(treat))).toBe(false);
  });

  it("fails on no message, several, a compressed one, and on rubbish", async () => {
    for (const body of [
      [],
      [serving, serving],
      Buffer.from([1, 0, 0, 0, 2, 0x08, 1]),
      Buffer.from([0, 0, 0, 0, 3, 0x08, 1]),
      Buffer.from([0, 0, 0, 0, 2, 0x08, 1, 0]),
      Buffer.from("not protobuf"),
    ])
      expect(await check(await grpcServer(answer(body)))).toBe(false);
  });

  it("fails when the call or the session is broken off, before the answer or in it", async () => {
    const ways: Treat[] = [
      (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM),
      (stream) => stream.close(constants.NGHTTP2_NO_ERROR),
      (stream) => stream.session?.destroy(),
      (stream) => stream.session?.goaway(constants.NGHTTP2_NO_ERROR),
      (stream) => stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM),
    ];
    for (const way of ways) {
      expect(await check(await grpcServer(way))).toBe(false);
      const halfway = await grpcServer((stream, headers, asked) => {
        stream.respond({ ":status": 200, "content-type": "application/grpc" });
        stream.write(serving, () => way(stream, headers, asked));
      });
      expect(await check(halfway)).toBe(false);
    }
  });

  it("fails when nobody listens", async () => {
    const endpoint = await grpcServer(() => undefined);
    await endpoint.close();
    expect(await check(endpoint)).toBe(false);
  });

  it("fails at the timeout when the answer hangs or never ends, and hangs up", async () => {
    let asked = 0;
    const silent = await grpcServer(() => asked++);
    const half = await grpcServer((stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.write(serving, () => asked++);
    });
    const mute = await listen(() => asked++);
    for (const endpoint of [silent, half, mute]) {
      asked = 0;
      const within = (): boolean => asked === 1;
      expect(await check(endpoint, { within })).toBe(false);
    }
  });

  it("fails on a body without end long before it is all there", async () => {
    let written = 0;
    const endpoint = await grpcServer((stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      const more = (): void => {
        while (!stream.destroyed && stream.write(Buffer.alloc(16_384)))
          written++;
        if (!stream.destroyed) stream.once("drain", more);
      };
      more();
    });
    expect(await check(endpoint)).toBe(false);
    expect(written).toBeLessThan(100);
  });

  it("fails on servers of other protocols, silent, polite and babbling", async () => {
    const http1 = await serve(
      createHttp1Server((_request, response) => response.end("ok")),
    );
    expect(await check(http1)).toBe(false);
    const said = "SSH-2.0-OpenSSH_9.6\r\n";
    const ssh = await listen((socket) => void socket.write(said));
    expect(await check(ssh)).toBe(false);
    const closing = await listen((socket) => socket.end());
    expect(await check(closing)).toBe(false);
    const babbling = await listen((socket) => {
      babble(socket, Buffer.alloc(65_536, "x"));
    });
    expect(await check(babbling)).toBe(false);
    const halfOpen = await listen((socket) => socket.end(said), {
      allowHalfOpen: true,
    });
    expect(await check(halfOpen)).toBe(false);
  });

  it("fails on headers without end", async () => {
    const frame = (type: number, length: number): Buffer => {
      const bytes = Buffer.alloc(9 + length);
      bytes.writeUIntBE(length, 0, 3);
      bytes[3] = type;
      // Of the first stream a client opens, except for the settings.
      bytes.writeUInt32BE(type === 4 ? 0 : 1, 5);
      return bytes;
    };
    const endpoint = await listen((socket) => {
      socket.write(frame(4, 0));
      socket.once("data", () => {
        socket.write(frame(1, 0));
        babble(socket, frame(9, 16_000));
      });
    });
    expect(await check(endpoint)).toBe(false);
  });

  it("leaves nothing of a check that is no longer wanted, whenever that is", async () => {
    let asked = 0;
    const endpoint = await grpcServer(() => asked++);
    const health = healthCheck.grpc();
    const instance = { host: "127.0.0.1", port: endpoint.port } as never;
    for (const after of [0, 1]) {
      const abort = new AbortController();
      const checked = health.check(instance, abort.signal);
      checked.catch(() => undefined);
      if (after === 1) await eventually("it asked", () => asked === 1);
      abort.abort(new Error("enough"));
      await expect(checked).rejects.toThrow();
      await eventually("nothing is open", () => endpoint.sockets.size === 0);
    }
  });

  it("refuses bad options", () => {
    expect(() => healthCheck.grpc({ service: 1 as never })).toThrow(
      "service must be",
    );
    expect(() => healthCheck.grpc({ fall: 0 })).toThrow("fall must be");
  });
});
