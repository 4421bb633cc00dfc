import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { waitUntil } from "@dp/services";

/** What the server has heard. */
interface Heard {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly body: string;
}

/** A real HTTP server on a free port that answers as a test says, and knows its open connections. */
export interface WebServer extends AsyncDisposable {
  readonly url: string;
  readonly heard: readonly Heard[];
  readonly connections: ReadonlySet<Socket>;
}

export const serve = async (
  answer: (response: ServerResponse, count: number) => void,
): Promise<WebServer> => {
  const heard: Heard[] = [];
  const connections = new Set<Socket>();
  const hear = async (
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const { method, url: path } = request;
    heard.push({ method, path, body: await text(request) });
    answer(response, heard.length);
  };
  const server = createServer((request, response) => {
    // A request cut off by its client is not answered.
    hear(request, response).catch(() => response.destroy());
  });
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    heard,
    connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Sends the head and a first chunk of a body that does not end. */
export const begin = (response: ServerResponse, status = 200): void => {
  response.writeHead(status);
  response.write("first,");
};

/** Waits until `condition` holds, for ten seconds at most: far more than loopback needs. */
export const eventually = (
  what: string,
  condition: () => boolean,
): Promise<void> => waitUntil(what, 10_000, () => Promise.resolve(condition()));
