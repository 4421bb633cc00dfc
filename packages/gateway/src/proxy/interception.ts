import { InvalidOptionError } from "@dp/core";
import type { ResponseHead } from "../message.ts";
import type {
  GatewayContext,
  GatewayRequest,
  GatewayResponse,
  Middleware,
} from "../middleware/middleware.ts";
import {
  readHeaders,
  requireRequestHeader,
  writeHeaders,
} from "../forwarding/headers.ts";
import { statusTitle } from "../problem.ts";
import type { Admission } from "./admit.ts";

/** The exchange that middlewares stand in the way of. */
export interface Intercepted {
  /** Goes on to the service. */
  proceed(): void;
  /** The answer to give; without `complete` the upstream's body follows it. */
  respond(head: ResponseHead, body: string, complete: boolean): void;
  failed(error: unknown): void;
}

interface UpstreamAnswer {
  readonly head: ResponseHead;
  readonly body: string;
  readonly last: boolean;
}

/** Runs a request through its route's middlewares and its answer back through them. */
export class Interception {
  readonly #admission: Admission;
  readonly #requestId: string;
  readonly #owner: Intercepted;
  #answer: UpstreamAnswer | undefined;
  #arrived: ((response: GatewayResponse) => void) | undefined;
  #ending: GatewayResponse | undefined;

  constructor(admission: Admission, requestId: string, owner: Intercepted) {
    this.#admission = admission;
    this.#requestId = requestId;
    this.#owner = owner;
  }

  run(middlewares: readonly Middleware[]): void {
    const { route, authId } = this.#admission;
    const context: GatewayContext = {
      request: requestOf(this.#admission),
      requestId: this.#requestId,
      route: route?.name ?? "",
      auth: authId === undefined ? undefined : { id: authId },
    };
    const call = async (index: number): Promise<GatewayResponse> => {
      const middleware = middlewares[index];
      if (middleware === undefined) return this.#proceed();
      let called = false;
      return middleware(context, () => {
        if (called) throw new Error("next() was called twice");
        called = true;
        return call(index + 1);
      });
    };
    call(0)
      .then((response) => this.#respond(response))
      .catch((error: unknown) => this.#owner.failed(error));
  }

  /** The service's answer, or the gateway's in its place. */
  answered(head: ResponseHead, body: string, last: boolean): void {
    this.#answer = { head, body, last };
    this.#arrived?.({
      status: head.status,
      headers: readHeaders(head.fields),
      body: undefined,
    });
  }

  /** Whether the whole answer is here and middlewares still have it. */
  get holds(): boolean {
    return this.#answer?.last === true;
  }

  /** The exchange is over: a middleware that waits is told what the client was, so that it can let go of what it holds. */
  ended(status: number): void {
    this.#ending = { status, headers: {}, body: undefined };
    this.#arrived?.(this.#ending);
  }

  #proceed(): Promise<GatewayResponse> {
    if (this.#ending !== undefined) return Promise.resolve(this.#ending);
    return new Promise((resolve) => {
      this.#arrived = resolve;
      this.#owner.proceed();
    });
  }

  #respond(response: GatewayResponse): void {
    const { status, headers, body } = response;
    if (!Number.isInteger(status) || status < 200 || status > 599)
      throw new InvalidOptionError(
        "status",
        status,
        "an integer from 200 to 599",
      );
    const answer = this.#answer;
    const own = body !== undefined || answer === undefined;
    const text = own ? Buffer.from(body ?? "").toString("latin1") : answer.body;
    const bodiless =
      this.#admission.head.method === "HEAD" ||
      status === 204 ||
      status === 304;
    const head: ResponseHead = {
      status,
      statusText:
        status === answer?.head.status
          ? answer.head.statusText
          : `${status} ${statusTitle(status)}`,
      fields: writeHeaders(headers),
      framing: bodiless ? "none" : own ? "length" : answer.head.framing,
      // RFC 9110 section 8.6: no Content-Length with 204.
      length: status === 204 ? -1 : own ? text.length : answer.head.length,
      keepAlive: true,
      keepAliveMs: Infinity,
      retryAfter: "",
      eventStream: false,
      hasDate: headers["date"] !== undefined,
    };
    this.#owner.respond(
      head,
      bodiless ? "" : text,
      own || bodiless || answer.last,
    );
  }
}

const requestOf = (admission: Admission): GatewayRequest => ({
  method: admission.head.method,
  path: admission.path,
  query: admission.head.query,
  host: admission.head.authority,
  clientAddress: admission.clientAddress,
  header: (name) => admission.header(name.toLowerCase()),
  setHeader(name, value) {
    requireRequestHeader(name, value);
    admission.forward(name.toLowerCase(), value);
  },
  removeHeader(name) {
    const lower = name.toLowerCase();
    if (lower === "host")
      throw new InvalidOptionError(
        "header name",
        name,
        "another than Host, without which there is no request",
      );
    admission.withhold(lower);
  },
});
