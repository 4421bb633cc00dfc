import { createServer, type AddressInfo, type Socket } from "node:net";
import { type Message, readMessages } from "./message-reader.ts";

/** One connection to the upstream. */
export class UpstreamPeer {
  readonly socket: Socket;
  ended = false;
  closed = false;
  bytesReceived = 0;
  readonly #pieces: string[] = [];

  constructor(socket: Socket, keeping: () => boolean) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.bytesReceived += chunk.length;
      if (keeping()) this.#pieces.push(chunk.toString("latin1"));
    });
    socket.on("end", () => (this.ended = true));
    socket.on("error", () => undefined);
    socket.on("close", () => (this.closed = true));
  }

  /** Every byte it got. */
  get text(): string {
    return this.#pieces.join("");
  }

  get over(): boolean {
    return this.ended || this.closed;
  }

  /** Every request so far, the last one perhaps not complete. */
  requests(): readonly Message[] {
    return readMessages(this.text, "request").messages;
  }

  send(data: string | Buffer): void {
    this.socket.write(
      typeof data === "string" ? Buffer.from(data, "latin1") : data,
    );
  }
}

/** An upstream that does what the test says, and records every byte it got. */
export class ScriptedUpstream {
  /** In the order of their arrival. */
  readonly peers: UpstreamPeer[] = [];
  /** Called with each complete request; the default leaves it unanswered. */
  respond: (request: Message, peer: UpstreamPeer, index: number) => void = () =>
    undefined;
  /** Called with each new connection. */
  connected: (peer: UpstreamPeer) => void = () => undefined;
  /** Set to false to count bytes without keeping them, and without calling `respond`. */
  keeping = true;
  readonly #server = createServer(
    { noDelay: true, allowHalfOpen: true },
    (socket) => this.#accept(socket),
  );

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get bytesReceived(): number {
    return this.peers.reduce((sum, peer) => sum + peer.bytesReceived, 0);
  }

  /** Every byte from all connections. */
  get text(): string {
    return this.peers.map((peer) => peer.text).join("\n---\n");
  }

  /** The requests of all connections. */
  get requests(): readonly Message[] {
    return this.peers.flatMap((peer) => peer.requests());
  }

  listen(): Promise<void> {
    return new Promise((resolve) =>
      this.#server.listen(0, "127.0.0.1", resolve),
    );
  }

  close(): void {
    for (const peer of this.peers) peer.socket.destroy();
    this.#server.close();
  }

  #accept(socket: Socket): void {
    const peer = new UpstreamPeer(socket, () => this.keeping);
    this.peers.push(peer);
    let answered = 0;
    socket.on("data", () => {
      if (!this.keeping) return;
      const requests = peer.requests().filter((request) => request.complete);
      while (answered < requests.length) {
        const request = requests[answered]!;
        this.respond(request, peer, answered++);
      }
    });
    socket.on("end", () => socket.end());
    this.connected(peer);
  }
}

/** A whole response with a length. */
export const ok = (body: string, fields = ""): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;
