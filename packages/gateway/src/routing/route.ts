/** What a request must look like for a route to be eligible. */
export interface RouteConditions {
  /** `/a`, `/a/**`, `/a/:id` or `~^regex`; see `parsePathPattern`. */
  readonly path: string;
  /** Lower-case: `a.example.com` or `*.example.com`; absent for every host. */
  readonly host?: string | undefined;
  /** Upper-case; absent for every method. */
  readonly methods?: readonly string[] | undefined;
  /** Lower-case names with the values they must have. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, string>> | undefined;
}

/** A route of a table: conditions, and what a match gives back. */
export interface RouteRule<T> extends RouteConditions {
  readonly value: T;
}

/** Reads the parts of a request that only a few routes ask for. Names of headers are asked in lower case. */
export interface RequestFields {
  header(name: string): string | undefined;
  query(name: string): string | undefined;
}

/** Segment values by parameter name, percent-encoded as in the canonical path. */
export type RouteParams = Readonly<Record<string, string>>;

/** What a table answers: the route, no route, or only routes for other methods. */
export type RouteMatch<T> =
  | { readonly status: 200; readonly value: T; readonly params: RouteParams }
  | { readonly status: 404 }
  | { readonly status: 405; readonly allow: readonly string[] };

/** One line that tells routes of a file apart: `GET,POST api.example.com/orders/:id [x-beta: 1] [?v=2]` */
export const describeRoute = (route: RouteConditions): string =>
  [
    ...(route.methods === undefined ? [] : [route.methods.join(",")]),
    `${route.host ?? ""}${route.path}`,
    ...Object.entries(route.headers ?? {}).map(
      ([name, value]) => `[${name}: ${value}]`,
    ),
    ...Object.entries(route.query ?? {}).map(
      ([name, value]) => `[?${name}=${value}]`,
    ),
  ].join(" ");
