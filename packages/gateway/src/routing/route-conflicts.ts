import {
  compareRoutes,
  routeIdentity,
  type CompiledRoute,
} from "./compiled-route.ts";
import type { PathPattern } from "./path-pattern.ts";
import { indexRoutes, type Match } from "./route-index.ts";

/** A route that can never be chosen; indexes are places among the rules given. */
export interface RouteConflict {
  /** `equal`: no request tells it from the other; `unreachable`: the others take every request it could. */
  readonly kind: "equal" | "unreachable";
  readonly index: number;
  readonly others: readonly number[];
}

// No pattern has it as a literal and no host has it as a label, because neither may hold a control character.
const fresh = "\0";

/**
 * Every route that can never be chosen. For hosts, prefixes, parameters, methods and conditions the answer is exact:
 * a segment, label, method or field that no rule names is matched by the fewest rules, so a route is reachable if and
 * only if it wins one of its own requests made of such parts. Of regexes only two facts are used: an equal one, and a
 * route for every path, cover it.
 */
export const findConflicts = (
  routes: readonly CompiledRoute<unknown>[],
): RouteConflict[] => {
  const sorted = routes
    .map((route) => ({
      ...route,
      fixed: undefined,
      rule: { ...route.rule, value: route.index },
    }))
    .sort(compareRoutes);
  const match = indexRoutes<number>(sorted);
  const longest = Math.max(0, ...routes.map(({ pattern }) => depth(pattern)));
  const conflicts: RouteConflict[] = [];
  const firstOf = new Map<string, number>();
  for (const [place, route] of sorted.entries()) {
    const { index } = route;
    const identity = routeIdentity(route);
    const equal = firstOf.get(identity);
    if (equal !== undefined) {
      conflicts.push({ kind: "equal", index, others: [equal] });
      continue;
    }
    firstOf.set(identity, index);
    const others =
      route.pattern.kind === "regex"
        ? coveringRoutes(route, sorted.slice(0, place))
        : winnersOver(route, match, longest);
    if (others.length > 0)
      conflicts.push({ kind: "unreachable", index, others });
  }
  return conflicts.sort((a, b) => a.index - b.index);
};

const depth = (pattern: PathPattern): number =>
  pattern.kind === "regex" ? 0 : pattern.segments.length;

/** The routes that win all of the route's own requests, or none if it wins one itself. */
const winnersOver = (
  route: CompiledRoute<unknown>,
  match: Match<number>,
  longest: number,
): number[] => {
  const host = route.host?.replace(/^\*/, fresh) ?? fresh;
  const headers = new Map(route.headers);
  const query = new Map(route.query);
  const fields = {
    header: (name: string) => headers.get(name),
    query: (name: string) => query.get(name),
  };
  const winners = new Set<number>();
  for (const path of ownPaths(route.pattern, longest))
    for (const method of route.methods ?? [fresh]) {
      const found = match(host, path, method, fields);
      if (found.status !== 200) continue;
      if (found.value === route.index) return [];
      winners.add(found.value);
    }
  return [...winners].sort((a, b) => a - b);
};

/** For `**`, every length up to one segment more than any pattern names, with and without a closing slash. */
const ownPaths = (pattern: PathPattern, longest: number): string[] => {
  if (pattern.kind === "regex") return [];
  const fixed = pattern.segments.filter((segment) => segment.kind !== "rest");
  const base = fixed
    .map((segment) => `/${segment.kind === "literal" ? segment.text : fresh}`)
    .join("");
  if (fixed.length === pattern.segments.length) return [base];
  const paths: string[] = [];
  for (let extra = 0; extra <= longest + 1; extra++) {
    const path = `${base}${`/${fresh}`.repeat(extra)}`;
    if (path !== "") paths.push(path);
    paths.push(`${path}/`);
  }
  return paths;
};

/** Routes for every path, before this one and no choosier, that together take all of its methods. */
const coveringRoutes = (
  route: CompiledRoute<unknown>,
  before: readonly CompiledRoute<unknown>[],
): number[] => {
  const covering: number[] = [];
  const left = new Set(route.methods ?? [fresh]);
  for (const other of before) {
    if (other.host !== route.host || !takesEveryPathOf(other, route)) continue;
    if (!isSubset(other.headers, route.headers)) continue;
    if (!isSubset(other.query, route.query)) continue;
    const open = left.size;
    for (const method of other.methods ?? left) left.delete(method);
    if (left.size < open) covering.push(other.index);
    if (left.size === 0) return covering.sort((a, b) => a - b);
  }
  return [];
};

const takesEveryPathOf = (
  { pattern }: CompiledRoute<unknown>,
  route: CompiledRoute<unknown>,
): boolean =>
  pattern.text === route.pattern.text ||
  (pattern.kind === "segments" && pattern.segments[0]?.kind === "rest");

type Pairs = CompiledRoute<unknown>["headers"];

const isSubset = (part: Pairs, whole: Pairs): boolean =>
  part.every(([name, value]) =>
    whole.some((other) => other[0] === name && other[1] === value),
  );
