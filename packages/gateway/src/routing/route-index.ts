import type { CompiledRoute } from "./compiled-route.ts";
import type { RequestFields, RouteMatch } from "./route.ts";
import { RouteTrie } from "./route-trie.ts";

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

  return (host, path, method, fields) => {
    const allow = new Set<string>();
    const found =
      exact.get(host)?.match(path, method, fields, allow) ??
      matchWildcards(wildcards, host, path, method, fields, allow) ??
      everywhere.match(path, method, fields, allow);
    if (found !== undefined) return found;
    return allow.size === 0 ? notFound : { status: 405, allow: [...allow] };
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

const matchWildcards = <T>(
  wildcards: readonly (readonly [suffix: string, trie: RouteTrie<T>])[],
  host: string,
  path: string,
  method: string,
  fields: RequestFields,
  allow: Set<string>,
): RouteMatch<T> | undefined => {
  for (const [suffix, trie] of wildcards) {
    if (host.length <= suffix.length || !host.endsWith(suffix)) continue;
    const found = trie.match(path, method, fields, allow);
    if (found !== undefined) return found;
  }
  return undefined;
};
