/** A request as a middleware sees it. */
export interface GatewayRequest {
  readonly method: string;
  /** The canonical path. */
  readonly path: string;
  /** With its `?`; empty when there is none. */
  readonly query: string;
  readonly host: string;
  readonly clientAddress: string;
  /** The value of a header, several lines joined by a comma. */
  header(name: string): string | undefined;
  /**
   * Replaces a header of the request that travels on; throws InvalidOptionError if it cannot stand in a head, frames the
   * message, or is one the gateway sets itself (X-Forwarded-*, Via, X-Request-Id, traceparent).
   */
  setHeader(name: string, value: string): void;
  removeHeader(name: string): void;
}

/** What a middleware is called with. */
export interface GatewayContext {
  readonly request: GatewayRequest;
  readonly requestId: string;
  /** The route's name as in logs and metrics. */
  readonly route: string;
  /** Who the client proved to be, if the route asks. */
  readonly auth: { readonly id: string } | undefined;
}

/** An answer: the upstream's, whose body streams past, or one made by a middleware. */
export interface GatewayResponse {
  status: number;
  /** Names are lower-case; a list stands for several lines. Framing and connection fields are the gateway's own. */
  headers: Record<string, string | readonly string[]>;
  /** The body in place of the upstream's; undefined leaves it as it is. */
  body?: string | Uint8Array | undefined;
}

/**
 * Wraps the way to the upstream: `next()` goes on and gives the answer's head as soon as it is there. Without a call of
 * `next` nothing reaches the upstream. It may be called once. A middleware that throws is answered 500.
 * When the request ends before its answer is there (the client left, the time ran out), `next()` gives the status of that
 * end, 499 for a client that left: what is returned then goes nowhere.
 */
export type Middleware = (
  context: GatewayContext,
  next: () => Promise<GatewayResponse>,
) => Promise<GatewayResponse>;

/** A middleware that configuration files can name. */
export interface MiddlewareDefinition<
  Options extends object = Readonly<Record<string, unknown>>,
> {
  readonly name: string;
  /** JSON Schema 2020-12 of its options: files are checked against it. */
  readonly options: object;
  /** Called once for each place that uses it, with options that passed the schema. */
  create(options: Options): Middleware;
}

/**
 * A middleware for `use: [{ name: { …options } }]` in `defaults` or a route. Hand it to `createGateway` as
 * `middleware: [definition]`, or export it from a file listed under `modules` for the command line.
 */
export const defineMiddleware = <Options extends object>(
  definition: MiddlewareDefinition<Options>,
): MiddlewareDefinition<Options> => Object.freeze({ ...definition });
