import { once } from "node:events";
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as send,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import {
  createGateway,
  type Gateway,
  type GatewayConfig,
  type GatewayOptions,
} from "../../../src/index.ts";

export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
) => void;

/** An instance of a service: a real server, and what it was asked. */
export interface Upstream {
  readonly port: number;
  readonly url: string;
  /** `GET /path`, in order of arrival. */
  readonly calls: string[];
  handler: Handler;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What one test builds: upstreams, gateways and a client, all gone after it. */
export class Stage implements AsyncDisposable {
  readonly #servers: Server[] = [];
  readonly #gateways: Gateway[] = [];
  readonly #agent: Agent = new Agent({ keepAlive: true });
  readonly lines: string[] = [];

  async upstream(handler: Handler): Promise<Upstream> {
    const calls: string[] = [];
    const server = createServer(
      { keepAliveTimeout: 0 },
      (request, response) => {
        calls.push(`${request.method} ${request.url}`);
        upstream.handler(request, response);
      },
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    this.#servers.push(server);
    const { port } = server.address() as AddressInfo;
    const upstream: Upstream = {
      port,
      url: `http://127.0.0.1:${port}`,
      calls,
      handler,
      stop: () => stopServer(server),
    };
    return upstream;
  }

  /** A port nobody listens on: it was free a moment ago. */
  async deadUrl(): Promise<string> {
    const upstream = await this.upstream(() => undefined);
    await upstream.stop();
    return upstream.url;
  }

  async gateway(
    config: GatewayConfig,
    options: GatewayOptions = {},
  ): Promise<Gateway & { readonly port: number; readonly adminPort: number }> {
    const gateway = await createGateway(
      { listen: { http: "127.0.0.1:0", admin: "127.0.0.1:0" }, ...config },
      { log: (line) => this.lines.push(line), ...options },
    );
    this.#gateways.push(gateway);
    const { http, admin } = await gateway.listen();
    return Object.assign(gateway, {
      port: http?.port ?? 0,
      adminPort: admin?.port ?? 0,
    });
  }

  /** One request, its whole answer; rejects when the connection is cut. */
  request(
    port: number,
    path: string,
    options: {
      method?: string;
      headers?: Record<string, string>;
      body?: string | Buffer;
      fresh?: boolean;
    } = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = send(
        {
          host: "127.0.0.1",
          port,
          path,
          method: options.method ?? "GET",
          headers: options.headers ?? {},
          agent: options.fresh === true ? false : this.#agent,
        },
        (response) => {
          const pieces: Buffer[] = [];
          response.on("data", (piece: Buffer) => pieces.push(piece));
          response.on("error", reject);
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(pieces).toString(),
            }),
          );
        },
      );
      sent.on("error", reject);
      sent.end(options.body);
    });
  }

  /** Asks again and again, at most a thousand times, until an answer is as wanted. */
  async eventually(
    port: number,
    path: string,
    wanted: (answer: Answer) => boolean,
  ): Promise<void> {
    for (let turn = 0; turn < 1_000; turn++)
      if (wanted(await this.request(port, path))) return;
    throw new Error(`no answer of ${path} was as wanted`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    await Promise.all(this.#gateways.map((gateway) => gateway.close()));
    await Promise.all(this.#servers.map(stopServer));
  }
}

const stopServer = async (server: Server): Promise<void> => {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
};

/** Answers 200 with `text`. */
export const answers =
  (text: string, status = 200, headers: Record<string, string> = {}): Handler =>
  (request, response) => {
    request.resume();
    request.on("end", () => response.writeHead(status, headers).end(text));
  };

/** Resets the connection once the request is here. */
export const resets: Handler = (request) => {
  request.resume();
  request.on("end", () => request.socket.resetAndDestroy());
};

/** Answers with what it got. */
export const echoes: Handler = (request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () =>
    response.end(
      JSON.stringify({
        headers: request.headers,
        body: Buffer.concat(pieces).toString(),
      }),
    ),
  );
};
