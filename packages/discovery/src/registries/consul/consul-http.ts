import { DpError, InvalidOptionError, requireText } from "@dp/core";
import { boundedText } from "../../remote/bounded-text.ts";
import { withoutCredentials } from "../../remote/secret.ts";

/** What is needed of `fetch`, so that another one may be given: with client certificates, through a proxy, or a double. */
export type ConsulFetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly signal: AbortSignal;
    readonly body?: string;
  },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The body; read no further than 64 MiB. */
  readonly body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> | null;
}>;

/** What Consul said. */
export interface ConsulAnswer {
  readonly status: number;
  /** `X-Consul-Index`; 0n if there is none. */
  readonly index: bigint;
  /** The token may not see all that was asked for. */
  readonly isFiltered: boolean;
  readonly text: string;
}

/** The base of all addresses, without a slash at the end. Throws `InvalidOptionError`. */
export const requireHttpUrl = (value: unknown): string => {
  const text = requireText("url", value);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  const isBare =
    url?.username === "" && url.password === "" && !/[?#]/.test(text);
  if (isHttp && isBare) return text.replace(/\/+$/, "");
  throw new InvalidOptionError(
    "url",
    withoutCredentials(value),
    "an http or https URL without credentials or query",
  );
};

/** Exchanges with one Consul agent. Nothing is repeated and nothing is bounded here: the signal does that. */
export class ConsulHttp {
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #fetch: ConsulFetch;

  constructor(url: string, token: string | undefined, fetch: ConsulFetch) {
    this.#url = url;
    this.#token = token;
    this.#fetch = fetch;
  }

  /** Rejects with `DP_CONSUL_REFUSED` unless the answer is a success or of an accepted status. */
  async exchange(
    method: "GET" | "PUT",
    path: string,
    signal: AbortSignal,
    options: {
      readonly query?: Readonly<Record<string, string | undefined>> | undefined;
      readonly body?: unknown;
      readonly accepts?:
        ((status: number, text: string) => boolean) | undefined;
    } = {},
  ): Promise<ConsulAnswer> {
    const { query = {}, body, accepts } = options;
    const given = Object.entries(query).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    );
    const search =
      given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
    const response = await this.#fetch(this.#url + path + search, {
      method,
      signal,
      headers: {
        accept: "application/json",
        ...(this.#token !== undefined && { "x-consul-token": this.#token }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const { status } = response;
    const text = await boundedText(response.body ?? [], "Consul");
    const isSuccess = status >= 200 && status < 300;
    if (!isSuccess && accepts?.(status, text) !== true)
      throw new DpError(
        "DP_CONSUL_REFUSED",
        `${method} ${path}: Consul answered ${status}: ${text.slice(0, 200)}`,
        { retryable: true },
      );
    const { headers } = response;
    const isFiltered =
      headers.get("x-consul-results-filtered-by-acls") === "true";
    return { status, text, isFiltered, index: indexOf(headers) };
  }

  /**
   * The parsed body and its index. Rejects with `DP_BAD_REPLY` for what is not JSON, and with `DP_CONSUL_REFUSED` when
   * nothing is left of the answer because the token may see none of it: a token that lost its policy is told nothing,
   * with status 200.
   */
  async read(
    path: string,
    signal: AbortSignal,
    query?: Readonly<Record<string, string | undefined>>,
  ): Promise<{ readonly body: unknown; readonly index: bigint }> {
    const answer = await this.exchange("GET", path, signal, { query });
    const { index } = answer;
    let body: unknown;
    try {
      body = JSON.parse(answer.text);
    } catch (cause) {
      throw new DpError("DP_BAD_REPLY", `GET ${path}: the answer is not JSON`, {
        retryable: true,
        cause,
      });
    }
    if (answer.isFiltered && Object.keys(body ?? {}).length === 0)
      throw new DpError(
        "DP_CONSUL_REFUSED",
        `GET ${path}: the results were filtered by ACLs and nothing is left`,
        { retryable: true },
      );
    return { body, index };
  }
}

const indexOf = (headers: { get(name: string): string | null }): bigint => {
  const text = headers.get("x-consul-index") ?? "";
  return /^\d+$/.test(text) ? BigInt(text) : 0n;
};
