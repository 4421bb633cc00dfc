import { canonicalPath } from "../routing/canonical-path.ts";
import { explainMatch } from "../routing/explain-match.ts";
import type { RouteParams } from "../routing/route.ts";
import type { ResolvedConfig, ResolvedRoute } from "./resolved.ts";

/** A request to ask about; `path` may carry a query. */
export interface ExplainedRequest {
  /** @defaultValue 'GET' */
  readonly method?: string | undefined;
  /** With or without a port. @defaultValue none */
  readonly host?: string | undefined;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What a gateway would do with a request, and why. */
export interface Explanation {
  /** The path that is matched and forwarded; undefined when it is refused. */
  readonly path: string | undefined;
  /** 200 when a route takes the request; else what the gateway answers itself: 400, 404 or 405. */
  readonly status: 200 | 400 | 404 | 405;
  readonly route: ResolvedRoute | undefined;
  readonly params: RouteParams;
  /** With 405: the methods that have a route. */
  readonly allow: readonly string[];
  /** The other routes in order of precedence, each with why it is not the one. */
  readonly others: readonly {
    readonly route: ResolvedRoute;
    readonly reason: string;
  }[];
}

/** Says which route of a configuration takes a request and why the others do not. Sends nothing. O(routes). */
export const explainRequest = (
  config: ResolvedConfig,
  { method = "GET", host = "", path: target, headers = {} }: ExplainedRequest,
): Explanation => {
  const mark = target.indexOf("?");
  const query = new URLSearchParams(mark < 0 ? "" : target.slice(mark));
  const path = canonicalPath(mark < 0 ? target : target.slice(0, mark));
  const none = { route: undefined, params: {}, allow: [], others: [] };
  if (path === undefined) return { ...none, path, status: 400 };
  const fields = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const { match, others } = explainMatch(
    config.routes.map((route) => ({ ...route.match, value: route })),
    host.toLowerCase().replace(/:\d+$/, ""),
    path,
    method,
    {
      header: (name) => fields.get(name),
      query: (name) => query.get(name) ?? undefined,
    },
  );
  return {
    path,
    status: match.status,
    route: match.status === 200 ? match.value : undefined,
    params: match.status === 200 ? match.params : {},
    allow: match.status === 405 ? match.allow : [],
    others: others.map(({ rule, reason }) => ({ route: rule.value, reason })),
  };
};
