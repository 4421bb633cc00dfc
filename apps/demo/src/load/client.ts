import { connect, type Socket } from "node:net";
import { AnswerReader, type WireAnswer } from "./answer-reader.ts";

/** A request to send; `fields` need no host and no content-length. */
export interface WireRequest {
  readonly method: string;
  readonly target: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What became of a request that was sent. */
export type Outcome =
  | {
      readonly kind: "answered";
      readonly answer: WireAnswer;
      readonly elapsedMs: number;
    }
  /** The connection ended before the answer did. */
  | { readonly kind: "cut" }
  /** What came is no HTTP response, or more than was asked for. */
  | { readonly kind: "malformed"; readonly why: string }
  /** Nothing ended it in twenty seconds. */
  | { readonly kind: "silent" };

const silenceMs = 20_000;

/** One connection, one request at a time. */
export class ClientConnection {
  readonly #socket: Socket;
  #reader: AnswerReader | undefined;
  #finish: ((outcome: Outcome) => void) | undefined;
  #sentMs = 0;
  #ended = false;
  #surplus = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => this.#receive(bytes));
    socket.on("error", () => undefined); // "close" follows.
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
  }

  /** Rejects when nobody accepts. */
  static connect(port: number): Promise<ClientConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new ClientConnection(socket));
      });
    });
  }

  /** Whether another request can be sent. */
  get usable(): boolean {
    return !this.#ended && this.#finish === undefined && this.#surplus === 0;
  }

  /** Sends and reads the whole answer. Never rejects. */
  send(request: WireRequest): Promise<Outcome> {
    const { method, target, fields, body } = request;
    let head = `${method} ${target} HTTP/1.1\r\nhost: demo\r\n`;
    for (const [name, value] of Object.entries(fields))
      head += `${name}: ${value}\r\n`;
    if (body !== "" || method === "POST" || method === "PUT")
      head += `content-length: ${Buffer.byteLength(body)}\r\n`;
    const silence = setTimeout(() => {
      this.#settle({ kind: "silent" });
      this.close();
    }, silenceMs);
    return new Promise<Outcome>((resolve) => {
      this.#finish = resolve;
      this.#reader = new AnswerReader(method);
      this.#sentMs = performance.now();
      if (this.#ended) this.#settle({ kind: "cut" });
      else this.#socket.write(`${head}\r\n${body}`);
    }).finally(() => clearTimeout(silence));
  }

  close(): void {
    this.#ended = true;
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    const reader = this.#reader;
    if (reader === undefined) {
      this.#surplus += bytes.length;
      return;
    }
    try {
      const answer = reader.push(bytes);
      if (answer === undefined) return;
      if (reader.surplus > 0)
        throw new Error(`${reader.surplus} bytes after the answer's end`);
      if (!answer.keepsAlive) this.#ended = true;
      const elapsedMs = performance.now() - this.#sentMs;
      this.#settle({ kind: "answered", answer, elapsedMs });
    } catch (error) {
      this.#settle({ kind: "malformed", why: (error as Error).message });
      this.close();
    }
  }

  #end(): void {
    this.#ended = true;
    this.#socket.destroy();
    this.#settle({ kind: "cut" });
  }

  #settle(outcome: Outcome): void {
    const finish = this.#finish;
    this.#finish = undefined;
    this.#reader = undefined;
    finish?.(outcome);
    if (this.#ended) this.#socket.destroy();
  }
}
