import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { ListenAddress } from "../config/resolved.ts";

/** What a page of the admin server answers. */
export interface AdminAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** A page by its path. */
export type AdminPages = Readonly<Record<string, () => AdminAnswer>>;

/** A value as a page of JSON for people and machines. */
export const jsonAnswer = (value: unknown, status = 200): AdminAnswer => ({
  status,
  type: "application/json",
  // Revisions are bigints and become decimal strings.
  body: `${JSON.stringify(
    value,
    (_key, each: unknown) => (typeof each === "bigint" ? String(each) : each),
    2,
  )}\n`,
});

/** A page of plain text. */
export const textAnswer = (
  body: string,
  status = 200,
  type = "text/plain; charset=utf-8",
): AdminAnswer => ({ status, type, body });

/** Serves operators: a few pages to read, on an address of its own. */
export class AdminServer {
  readonly #server: Server;

  constructor(pages: AdminPages) {
    this.#server = createServer((request, response) =>
      answer(pages, request, response),
    );
  }

  /** Starts to listen; rejects with the system's error if the address cannot be had. */
  listen(address: ListenAddress): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ port: address.port, host: address.host }, () => {
        this.#server.off("error", reject);
        resolve(this.#server.address() as AddressInfo);
      });
    });
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

const answer = (
  pages: AdminPages,
  request: IncomingMessage,
  response: ServerResponse,
): void => {
  const path = (request.url ?? "/").split("?", 1)[0] as string;
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  const reading = request.method === "GET" || request.method === "HEAD";
  const { status, type, body } =
    page === undefined
      ? textAnswer(`There is ${Object.keys(pages).join(" ")}\n`, 404)
      : reading
        ? page()
        : textAnswer("This page is only read.\n", 405);
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    ...(status === 405 && { allow: "GET, HEAD" }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
  request.resume();
};
