import type { IncomingMessage } from "node:http";
import { httpDateMs, type Clock } from "@dp/core";
import { attempt } from "../../remote/attempt.ts";
import { JsonHttp } from "../../remote/json-http.ts";
import { AuthToken } from "./auth-token.ts";
import {
  errorIn,
  EtcdError,
  grpcCode,
  isTokenRefused,
  isUnavailable,
} from "./etcd-error.ts";
import type { ResolvedEtcdOptions } from "./options.ts";

type Headers = Readonly<Record<string, string>>;

/** What etcd says to a user of a server without authentication. */
const noAuthentication = "authentication is not enabled";

const parse = (text: string, status: number): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    const code = status >= 500 ? grpcCode.unavailable : grpcCode.unknown;
    const start = text.slice(0, 100).trim();
    throw new EtcdError(`HTTP status ${status}, not JSON: ${start}`, code, {
      cause: error,
    });
  }
};

/**
 * etcd's v3 API over its JSON gateway (`POST /v3/...`). Each call is one attempt at one member; a member that fails
 * is passed over by the next call.
 */
export class Gateway {
  readonly #endpoints: readonly URL[];
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #http: JsonHttp;
  readonly #token: AuthToken;
  readonly #ended = new AbortController();
  #current = 0;
  /** The wall clock of who answered last, less the monotonic one here. */
  #serverOffsetMs: number | undefined;

  constructor({ endpoints, auth, tls, clock, detectMs }: ResolvedEtcdOptions) {
    this.#endpoints = endpoints;
    this.#clock = clock;
    this.#limitMs = detectMs;
    this.#http = new JsonHttp(tls);
    this.#token = new AuthToken(() =>
      auth === undefined
        ? Promise.resolve(undefined)
        : this.#authenticate(auth.username, auth.password),
    );
  }

  /** How many members are known. */
  get members(): number {
    return this.#endpoints.length;
  }

  /**
   * Milliseconds since the epoch as the servers have it, a second behind at most; as this machine has it before any
   * has answered. One clock for all their clients, whatever each of those believes.
   */
  get wallMs(): number {
    return this.#serverOffsetMs === undefined
      ? this.#clock.wallNow()
      : this.#serverOffsetMs + this.#clock.now();
  }

  /** The member that is asked next. */
  get endpoint(): URL {
    return this.#endpoints[this.#current] as URL;
  }

  /**
   * One call, as `kv/range`. Rejects with {@link EtcdError} when etcd refuses or cannot be reached, with
   * `DP_REGISTRY_TIMEOUT` after the limit of one exchange, and with the signal's reason.
   */
  call<T>(
    path: string,
    body: unknown,
    signal: AbortSignal | undefined,
    endpoint: URL = this.endpoint,
  ): Promise<T> {
    return this.#failingOver(endpoint, () =>
      attempt(this.#clock, this.#limitMs, signal, (inner) =>
        this.#authorized((headers) =>
          this.#post<T>(endpoint, path, body, headers, inner),
        ),
      ),
    );
  }

  /** Opens a watch; its answer is a stream of messages, one a line. The signal ends it, and has to bound its opening. */
  async watch(
    body: unknown,
    endpoint: URL,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const authorization = await this.#authorization();
    // A member without a leader refuses then, instead of watching a state that stands still (etcd-io/etcd#10819).
    const headers = { ...authorization, "grpc-metadata-hasleader": "true" };
    return this.#failingOver(endpoint, () =>
      this.#reach(endpoint, signal, () =>
        this.#http.open(new URL("v3/watch", endpoint), {
          body,
          headers,
          signal,
        }),
      ),
    );
  }

  /** A watch found this member dead, or its token refused. */
  async failed(endpoint: URL, error: unknown): Promise<void> {
    if (isUnavailable(error)) this.#passOver(endpoint);
    if (isTokenRefused(error))
      await this.#token.refused(await this.#token.get().catch(() => undefined));
  }

  /** Ends every exchange. */
  close(): void {
    this.#ended.abort(
      new EtcdError("the registry is closed", grpcCode.unavailable),
    );
    this.#http.close();
  }

  async #failingOver<T>(endpoint: URL, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (isUnavailable(error)) this.#passOver(endpoint);
      throw error;
    }
  }

  #passOver(endpoint: URL): void {
    this.#http.dropIdle();
    if (this.endpoint === endpoint)
      this.#current = (this.#current + 1) % this.#endpoints.length;
  }

  async #authorized<T>(call: (headers: Headers) => Promise<T>): Promise<T> {
    const headers = await this.#authorization();
    try {
      return await call(headers);
    } catch (error) {
      if (!isTokenRefused(error)) throw error;
      await this.#token.refused(headers["authorization"]);
      const renewed = await this.#authorization();
      if (renewed["authorization"] === headers["authorization"]) throw error;
      return call(renewed);
    }
  }

  async #authorization(): Promise<Headers> {
    const token = await this.#token.get();
    return token === undefined ? {} : { authorization: token };
  }

  /** Serves many calls at once, so it does not end with the signal of one. */
  async #authenticate(
    name: string,
    password: string,
  ): Promise<string | undefined> {
    const { endpoint } = this;
    try {
      const answer = await this.#failingOver(endpoint, () =>
        attempt(this.#clock, this.#limitMs, this.#ended.signal, (signal) =>
          this.#post<{ token?: string }>(
            endpoint,
            "auth/authenticate",
            { name, password },
            {},
            signal,
          ),
        ),
      );
      return answer.token;
    } catch (error) {
      if (EtcdError.is(error) && error.message.includes(noAuthentication))
        return undefined;
      throw error;
    }
  }

  async #post<T>(
    endpoint: URL,
    path: string,
    body: unknown,
    headers: Headers,
    signal: AbortSignal,
  ): Promise<T> {
    const { status, date, text } = await this.#reach(endpoint, signal, () =>
      this.#http.post(new URL(`v3/${path}`, endpoint), {
        body,
        headers,
        signal,
      }),
    );
    const serverMs = date && httpDateMs(date, this.#clock.wallNow());
    if (typeof serverMs === "number")
      this.#serverOffsetMs = serverMs - this.#clock.now();
    const answer = parse(text, status);
    const error = errorIn(answer, status);
    if (error !== undefined) throw error;
    return answer as T;
  }

  async #reach<T>(
    endpoint: URL,
    signal: AbortSignal,
    call: () => Promise<T>,
  ): Promise<T> {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      throw new EtcdError(
        `${endpoint.host} cannot be reached: ${why}`,
        grpcCode.unavailable,
        {
          cause: error,
        },
      );
    }
  }
}
