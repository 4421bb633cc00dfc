import { routeAnswer, type CompiledRoute } from "./compiled-route.ts";
import { beginSearch, createSearch, type RouteSearch } from "./route-search.ts";
import { RouteTrie } from "./route-trie.ts";
import type { RequestFields, RouteMatch } from "./route.ts";

/** Matches a request against routes; see `RouteTable.match`. */
export type Match<T> = (
  host: string,
  path: string,
  method: string,
  fields: RequestFields,
) => RouteMatch<T>;

const notFound = Object.freeze({ status: 404 as const });

/** One trie per host. `routes` must be in order of precedence. */
export const indexRoutes = <T>(
  routes: readonly CompiledRoute<T>[],
): Match<T> => {
  const exact = new Map<string, RouteTrie<T>>();
  const bySuffix = new Map<string, RouteTrie<T>>();
  const everywhere = new RouteTrie<T>();
  for (const route of routes) {
    const { host } = route;
    if (host === undefined) everywhere.add(route);
    else if (host.startsWith("*.")) trieOf(bySuffix, host.slice(1)).add(route);
    else trieOf(exact, host).add(route);
  }
  // In the order they were met, which is that of precedence: longest first.
  const wildcards = [...bySuffix];
  const namesHosts = exact.size + bySuffix.size > 0;
  const search = createSearch();

  return (host, path, method, fields) => {
    beginSearch(search, path, method, fields);
    const route =
      (namesHosts
        ? (exact.get(host)?.find(search) ??
          findWildcard(wildcards, host, search))
        : undefined) ?? everywhere.find(search);
    if (route !== undefined) return route.fixed ?? routeAnswer(route, search);
    return search.allow === undefined
      ? notFound
      : { status: 405, allow: [...search.allow] };
  };
};

const trieOf = <T>(
  tries: Map<string, RouteTrie<T>>,
  key: string,
): RouteTrie<T> => {
  const trie = tries.get(key) ?? new RouteTrie<T>();
  tries.set(key, trie);
  return trie;
};

const findWildcard = <T>(
  wildcards: readonly (readonly [suffix: string, trie: RouteTrie<T>])[],
  host: string,
  search: RouteSearch,
): CompiledRoute<T> | undefined => {
  for (const [suffix, trie] of wildcards) {
    if (host.length <= suffix.length || !host.endsWith(suffix)) continue;
    const route = trie.find(search);
    if (route !== undefined) return route;
  }
  return undefined;
};
