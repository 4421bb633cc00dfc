import { ConfigError, type ConfigProblem } from "../errors.ts";
import {
  compareRoutes,
  compileRoute,
  type CompiledRoute,
} from "./compiled-route.ts";
import { parsePathPattern } from "./path-pattern.ts";
import type { RequestFields, RouteMatch, RouteRule } from "./route.ts";
import { RouteTrie } from "./route-trie.ts";

/** Finds the one route for a request. Immutable; a match is synchronous and costs O(path length + routes passed over). */
export interface RouteTable<T> {
  /** In order of precedence: the first that takes a request is its route. */
  readonly routes: readonly RouteRule<T>[];
  /**
   * The route for a request, or 404, or 405 with the methods that would have had one.
   *
   * `host` is lower-case without a port ('' when there is none), `path` is canonical, `fields` is asked only by routes
   * with conditions. The answer for a route without parameters is the same frozen object each time.
   */
  match(
    host: string,
    path: string,
    method: string,
    fields: RequestFields,
  ): RouteMatch<T>;
}

/**
 * A table of these routes. Throws {@link ConfigError} with every faulty pattern, every pair of routes no request can
 * tell apart and every route that can never be reached.
 */
export const createRouteTable = <T>(
  rules: readonly RouteRule<T>[],
): RouteTable<T> => {
  const problems: ConfigProblem[] = [];
  const compiled: CompiledRoute<T>[] = [];
  for (const [index, rule] of rules.entries()) {
    const pattern = parsePathPattern(rule.path);
    if (pattern.kind === "fault")
      problems.push({
        path: `routes[${index}].path`,
        message: `${JSON.stringify(rule.path)} ${pattern.reason}`,
      });
    else compiled.push(compileRoute(rule, pattern, index));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return buildRouteTable(compiled.sort(compareRoutes));
};

const notFound = Object.freeze({ status: 404 as const });

const buildRouteTable = <T>(
  routes: readonly CompiledRoute<T>[],
): RouteTable<T> => {
  const exact = new Map<string, RouteTrie<T>>();
  const wildcards: { suffix: string; trie: RouteTrie<T> }[] = [];
  const everywhere = new RouteTrie<T>();
  const trieOf = (host: string | undefined): RouteTrie<T> => {
    if (host === undefined) return everywhere;
    if (!host.startsWith("*.")) {
      const trie = exact.get(host) ?? new RouteTrie<T>();
      exact.set(host, trie);
      return trie;
    }
    const suffix = host.slice(1);
    const known = wildcards.find((wildcard) => wildcard.suffix === suffix);
    if (known !== undefined) return known.trie;
    const trie = new RouteTrie<T>();
    wildcards.push({ suffix, trie });
    return trie;
  };
  // In order of precedence: so wildcards end up longest first.
  for (const route of routes) trieOf(route.host).add(route);

  return {
    routes: routes.map((route) => route.rule),
    match: (host, path, method, fields) => {
      const allow = new Set<string>();
      const found =
        exact.get(host)?.match(path, method, fields, allow) ??
        matchWildcards(wildcards, host, path, method, fields, allow) ??
        everywhere.match(path, method, fields, allow);
      if (found !== undefined) return found;
      return allow.size === 0 ? notFound : { status: 405, allow: [...allow] };
    },
  };
};

const matchWildcards = <T>(
  wildcards: readonly { suffix: string; trie: RouteTrie<T> }[],
  host: string,
  path: string,
  method: string,
  fields: RequestFields,
  allow: Set<string>,
): RouteMatch<T> | undefined => {
  for (const { suffix, trie } of wildcards) {
    if (host.length <= suffix.length || !host.endsWith(suffix)) continue;
    const found = trie.match(path, method, fields, allow);
    if (found !== undefined) return found;
  }
  return undefined;
};
