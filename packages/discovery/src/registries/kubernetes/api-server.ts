import { Agent as HttpAgent, request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { DpError } from "@dp/core";
import { boundedText } from "../../remote/bounded-text.ts";
import type { Credentials } from "./options.ts";

/** The API server refused. `status` is 410 when the version asked for is no longer kept. */
export class ApiError extends DpError {
  readonly status: number;

  constructor(status: number, what: string, options?: ErrorOptions) {
    super("DP_REGISTRY_REFUSED", `the API server answers ${status}: ${what}`, {
      ...options,
      retryable: true,
    });
    this.status = status;
  }
}

/** The error in a `Status` object: the body of a refusal, or what an ERROR event of a watch brings. */
export const errorOf = (status: unknown, fallback: number): ApiError => {
  const { code, message, reason } = (status ?? {}) as Record<string, unknown>;
  const isGone = reason === "Expired" || reason === "Gone";
  const number = typeof code === "number" ? code : isGone ? 410 : fallback;
  const text = typeof message === "string" ? message : String(reason);
  return new ApiError(number, text.slice(0, 500));
};

/** GET over HTTP/1.1, as the protocol's watches are: one connection each, ended by closing it. */
export class ApiServer {
  readonly #url: URL;
  readonly #credentials: () => Promise<Credentials>;
  readonly #agent: HttpAgent;

  constructor(url: URL, credentials: () => Promise<Credentials>) {
    this.#url = url;
    this.#credentials = credentials;
    const options = { keepAlive: true };
    this.#agent =
      url.protocol === "https:"
        ? new HttpsAgent(options)
        : new HttpAgent(options);
  }

  /** Resolves with the head of a 200; rejects with `ApiError` for another status. The signal ends the body too. */
  async open(
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { token, ca } = await this.#credentials();
    signal.throwIfAborted();
    const url = new URL(this.#url);
    url.pathname = url.pathname.replace(/\/$/, "") + path;
    url.search = new URLSearchParams(query).toString();
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = send(url, {
        agent: this.#agent,
        signal,
        ...(ca !== undefined && { ca }),
        headers: {
          accept: "application/json",
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
      });
      request.on("response", resolve).on("error", reject).end();
    });
    const { statusCode = 0 } = response;
    if (statusCode !== 200)
      throw errorOf(await bodyOf(response).catch(() => undefined), statusCode);
    return response;
  }

  /** The JSON of one answer. */
  async get(
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<unknown> {
    return bodyOf(await this.open(path, query, signal));
  }

  close(): void {
    this.#agent.destroy();
  }
}

const bodyOf = async (response: IncomingMessage): Promise<unknown> => {
  const body = response as AsyncIterable<Buffer>;
  const text = await boundedText(body, "the API server");
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new DpError("DP_BAD_ANSWER", "the API server sent no JSON", {
      cause,
    });
  }
};
