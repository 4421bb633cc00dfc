import {
  Agent as PlainAgent,
  request as plainRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import {
  Agent as SecureAgent,
  request as secureRequest,
  type AgentOptions,
} from "node:https";
import { boundedText } from "./bounded-text.ts";

/** How to trust a server and be trusted by it; PEM texts. */
export interface TlsOptions {
  /** Certificates to trust. @defaultValue those Node trusts */
  readonly ca?: string | Uint8Array | undefined;
  /** This client's own certificate, where servers ask for one. */
  readonly cert?: string | Uint8Array | undefined;
  /** The private key of `cert`. */
  readonly key?: string | Uint8Array | undefined;
  /** The name the server's certificate has to have. @defaultValue the host of the URL */
  readonly servername?: string | undefined;
}

export interface JsonRequest {
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Aborting destroys the connection, whether the answer has begun or not. */
  readonly signal: AbortSignal;
}

/** Exchanges under way at once with one server; the rest wait in line. A thousand renewals take no thousand sockets. */
const mostExchanges = 64;

/** How long a streaming connection is silent before the kernel asks whether the other end is still there. */
const keepAliveMs = 10_000;

interface Agents {
  readonly "http:": PlainAgent;
  readonly "https:": SecureAgent;
}

const agentsOf = (tls: AgentOptions, maxSockets: number): Agents => ({
  "http:": new PlainAgent({ keepAlive: true, maxSockets }),
  "https:": new SecureAgent({ ...tls, keepAlive: true, maxSockets }),
});

/**
 * JSON over HTTP/1.1 with connections of its own that are kept and reused. It has no time limit anywhere, so that a
 * stream may be silent for hours: the signal bounds what must not be.
 */
export class JsonHttp {
  readonly #exchanges: Agents;
  /** Streams hold their connections, so they have others, without bound. */
  readonly #streams: Agents;

  constructor(tls: TlsOptions = {}) {
    const given = Object.entries(tls).filter(
      ([, value]) => value !== undefined,
    );
    // Node takes any Uint8Array; its types say Buffer.
    const options = Object.fromEntries(given) as AgentOptions;
    this.#exchanges = agentsOf(options, mostExchanges);
    this.#streams = agentsOf(options, Infinity);
  }

  /** The status, the `Date` and the whole text of an answer. Rejects with `DP_TOO_LONG` above 64 MiB. */
  async post(
    url: URL,
    request: JsonRequest,
  ): Promise<{
    readonly status: number;
    readonly date: string | undefined;
    readonly text: string;
  }> {
    const response = await this.#send(url, request, this.#exchanges);
    return {
      status: response.statusCode ?? 0,
      date: response.headers.date,
      text: await boundedText(response as AsyncIterable<Buffer>, url.host),
    };
  }

  /** A stream: resolves when an answer begins. To be read to its end, or ended by the signal. */
  open(url: URL, request: JsonRequest): Promise<IncomingMessage> {
    return this.#send(url, request, this.#streams);
  }

  #send(
    url: URL,
    { body, headers, signal }: JsonRequest,
    agents: Agents,
  ): Promise<IncomingMessage> {
    const payload = Buffer.from(JSON.stringify(body));
    const options: RequestOptions = {
      method: "POST",
      headers: {
        ...headers,
        "content-type": "application/json",
        "content-length": payload.length,
      },
      signal,
    };
    return new Promise((resolve, reject) => {
      const request =
        url.protocol === "https:"
          ? secureRequest(url, { ...options, agent: agents["https:"] })
          : plainRequest(url, { ...options, agent: agents["http:"] });
      request.setSocketKeepAlive(true, keepAliveMs);
      request.on("response", resolve);
      request.on("error", reject);
      request.end(payload);
    });
  }

  /** Lets go of connections that wait for a next request: they may be as dead as one that just gave no answer. */
  dropIdle(): void {
    for (const agent of this.#agents)
      for (const sockets of Object.values(agent.freeSockets))
        for (const socket of sockets ?? []) socket.destroy();
  }

  /** Ends every connection, in use or not. */
  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }

  get #agents(): readonly (PlainAgent | SecureAgent)[] {
    return [this.#exchanges, this.#streams].flatMap((agents) => [
      agents["http:"],
      agents["https:"],
    ]);
  }
}
