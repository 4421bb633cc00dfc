import {
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from "node:net";
import type { ListenAddress } from "./config/resolved.ts";
import type { Deadlines } from "./deadlines.ts";
import type { RequestHandler } from "./http1/request-sink.ts";
import { ServerConnection } from "./http1/server-connection.ts";
import { RequestHeadParser } from "./http1/parse-request-head.ts";
import { plainAddress } from "./forwarding/client-address.ts";

/** Idle connections of a draining gateway are kept this long for requests that were already on their way. */
const lastCallMs = 1_000;

/** Accepts clients' connections and ends them in order. */
export class Listener {
  readonly connections: Set<ServerConnection> = new Set();
  accepted = 0;
  readonly #server: Server;
  readonly #handler: RequestHandler;
  readonly #deadlines: Deadlines;
  readonly #parser: RequestHeadParser = new RequestHeadParser();
  /** Those who wait for the last connection to end. */
  readonly #emptied: (() => void)[] = [];

  constructor(
    handler: RequestHandler,
    deadlines: Deadlines,
    trusts: (address: string) => boolean,
  ) {
    this.#handler = handler;
    this.#deadlines = deadlines;
    this.#server = createServer(
      { allowHalfOpen: true, noDelay: true },
      (socket) => this.#accept(socket, trusts),
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

  /**
   * Accepts no more connections, lets requests in hand be answered, ends idle connections after a last call, and cuts
   * what is left after `withinMs`. Resolves when no connection is left.
   */
  async drain(withinMs: number): Promise<void> {
    const { clock } = this.#deadlines;
    const emptied = this.#stopAccepting();
    const cancelLastCall = clock.schedule(
      Math.min(lastCallMs, withinMs / 2),
      () => {
        for (const connection of this.connections) connection.close();
      },
    );
    const cancelCut = clock.schedule(withinMs, () => this.#cut());
    await emptied;
    cancelLastCall();
    cancelCut();
  }

  /** Accepts no more connections and cuts all there are. Resolves when none is left. */
  async close(): Promise<void> {
    const emptied = this.#stopAccepting();
    this.#cut();
    await emptied;
  }

  #cut(): void {
    for (const connection of this.connections) connection.destroy();
  }

  #stopAccepting(): Promise<void> {
    if (this.#server.listening) this.#server.close();
    return new Promise((resolve) => {
      if (this.connections.size === 0) resolve();
      else this.#emptied.push(resolve);
    });
  }

  #closed(connection: ServerConnection): void {
    this.connections.delete(connection);
    if (this.connections.size === 0)
      for (const emptied of this.#emptied.splice(0)) emptied();
  }

  #accept(socket: Socket, trusts: (address: string) => boolean): void {
    const address = plainAddress(socket.remoteAddress ?? "");
    // A socket that was reset before we got to it has no address any more.
    if (address === "") {
      socket.destroy();
      return;
    }
    this.accepted++;
    this.connections.add(
      new ServerConnection({
        socket,
        handler: this.#handler,
        deadlines: this.#deadlines,
        parser: this.#parser,
        remoteAddress: address,
        trusted: trusts(address),
        closed: (connection) => this.#closed(connection),
      }),
    );
  }
}
