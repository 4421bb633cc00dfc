import {
  compareRoutes,
  decidingCriterion,
  fieldsHold,
  type CompiledRoute,
} from "./compiled-route.ts";
import { patternMatches } from "./path-pattern.ts";
import type { RequestFields, RouteMatch, RouteRule } from "./route.ts";
import { compileRoutes } from "./route-table.ts";
import { indexRoutes } from "./route-index.ts";

/** Which route a request gets and why each other one did not. */
export interface MatchExplanation<T> {
  readonly match: RouteMatch<T>;
  /** The route chosen, if one was. */
  readonly chosen: RouteRule<T> | undefined;
  /** In order of precedence; `reason` in words that follow the route. */
  readonly others: readonly {
    readonly rule: RouteRule<T>;
    readonly reason: string;
  }[];
}

/**
 * Matches as `RouteTable.match` does and says why each other route lost. Costs O(routes): for people, not for requests.
 * Rules with a faulty pattern are passed over.
 */
export const explainMatch = <T>(
  rules: readonly RouteRule<T>[],
  host: string,
  path: string,
  method: string,
  fields: RequestFields,
): MatchExplanation<T> => {
  const routes = compileRoutes(rules).compiled.sort(compareRoutes);
  const reasons = new Map(
    routes.map((route) => [route, whyNot(route, host, path, method, fields)]),
  );
  const winner = routes.find((route) => reasons.get(route) === undefined);
  const others = routes
    .filter((route) => route !== winner)
    .map((route) => ({
      rule: route.rule,
      reason:
        reasons.get(route) ??
        `also takes it, but the chosen route has ${winner === undefined ? "" : decidingCriterion(winner, route)}`,
    }));
  return {
    match: indexRoutes(routes)(host, path, method, fields),
    chosen: winner?.rule,
    others,
  };
};

/** The first condition that does not hold, or `undefined` if all do. */
const whyNot = (
  route: CompiledRoute<unknown>,
  host: string,
  path: string,
  method: string,
  fields: RequestFields,
): string | undefined => {
  if (!hostMatches(route.host, host))
    return `is for the host ${route.host ?? ""}`;
  if (!patternMatches(route.pattern, path)) return "is for another path";
  if (!fieldsHold(route, fields)) {
    const header = route.headers.find(
      ([name, value]) => fields.header(name) !== value,
    );
    if (header !== undefined)
      return `is for requests with the header ${header[0]}: ${header[1]}`;
    const query = route.query.find(
      ([name, value]) => fields.query(name) !== value,
    );
    return `is for requests with the query ${query?.join("=") ?? ""}`;
  }
  if (route.methods !== undefined && !route.methods.has(method))
    return `is for the method ${[...route.methods].join(", ")}`;
  return undefined;
};

const hostMatches = (pattern: string | undefined, host: string): boolean =>
  pattern === undefined ||
  (pattern.startsWith("*.")
    ? host.length > pattern.length - 1 && host.endsWith(pattern.slice(1))
    : host === pattern);
