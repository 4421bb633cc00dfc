import { connect, type Socket } from "node:net";
import { type Message, readMessages, status } from "./message-reader.ts";
import { polled, until } from "./wait.ts";

/** A client that sends exactly the bytes it is told to, and keeps every byte it gets. */
export class RawClient {
  readonly socket: Socket;
  /** The other side sent its FIN. */
  ended = false;
  closed = false;
  error: Error | undefined;
  bytesReceived = 0;
  /** Set to false to count bytes without keeping them. */
  keeping = true;
  readonly #pieces: string[] = [];

  constructor(port: number) {
    this.socket = connect({
      host: "127.0.0.1",
      port,
      noDelay: true,
      allowHalfOpen: true,
    });
    this.socket.on("data", (chunk: Buffer) => {
      this.bytesReceived += chunk.length;
      if (this.keeping) this.#pieces.push(chunk.toString("latin1"));
    });
    this.socket.on("end", () => (this.ended = true));
    this.socket.on("error", (error) => (this.error = error));
    this.socket.on("close", () => (this.closed = true));
  }

  /** Everything received, as latin1. */
  get text(): string {
    return this.#pieces.join("");
  }

  /** Whether nothing more can come. */
  get over(): boolean {
    return this.ended || this.closed;
  }

  send(data: string | Buffer): void {
    this.socket.write(
      typeof data === "string" ? Buffer.from(data, "latin1") : data,
    );
  }

  /** Sends `size` bytes at a time, each piece its own read on the other side; stops when nobody listens any more. */
  async trickle(data: string, size = 1): Promise<void> {
    for (let at = 0; at < data.length; at += size) {
      if (this.over || !this.socket.writable) return;
      this.send(data.slice(at, at + size));
      await polled();
    }
  }

  /** Every response so far, interim ones too. */
  messages(methods: readonly string[] = []): readonly Message[] {
    const clean = this.ended && this.error === undefined;
    return readMessages(this.text, "response", methods, clean).messages;
  }

  /** The complete final responses so far. */
  answers(methods: readonly string[] = []): readonly Message[] {
    return this.messages(methods).filter(
      (message) => message.complete && status(message) >= 200,
    );
  }

  /** Waits for `count` complete final responses and gives the last of them. */
  async answer(count = 1, methods: readonly string[] = []): Promise<Message> {
    await until(
      `answer ${count}`,
      () => this.answers(methods).length >= count || this.over,
    );
    const answer = this.answers(methods)[count - 1];
    if (answer === undefined)
      throw new Error(
        `closed without answer ${count}: ${JSON.stringify(this.text)}`,
      );
    return answer;
  }

  async waitOver(): Promise<void> {
    await until("the end of the connection", () => this.over);
  }

  destroy(): void {
    this.socket.destroy();
  }
}
