import {
  comparePatterns,
  patternParameters,
  patternShape,
  type PathPattern,
} from "./path-pattern.ts";
import type { RouteSearch } from "./route-search.ts";
import type {
  RequestFields,
  RouteMatch,
  RouteParams,
  RouteRule,
} from "./route.ts";

const noParams: RouteParams = Object.freeze({});

type Pairs = readonly (readonly [name: string, value: string])[];

/** A rule made ready for matching. */
export interface CompiledRoute<T> {
  readonly rule: RouteRule<T>;
  readonly pattern: PathPattern;
  /** Place among the rules given. */
  readonly index: number;
  readonly host: string | undefined;
  readonly methods: ReadonlySet<string> | undefined;
  readonly headers: Pairs;
  readonly query: Pairs;
  /** Asks for neither method nor fields. */
  readonly unconditional: boolean;
  /** In the order of the pattern. */
  readonly parameters: readonly string[];
  /** The whole answer when the pattern has no parameters: the same object for every request. */
  readonly fixed: RouteMatch<T> | undefined;
}

export const compileRoute = <T>(
  rule: RouteRule<T>,
  pattern: PathPattern,
  index: number,
): CompiledRoute<T> => {
  const headers: Pairs = Object.entries(rule.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), value],
  );
  const query: Pairs = Object.entries(rule.query ?? {});
  const parameters = patternParameters(pattern);
  return {
    rule,
    pattern,
    index,
    host: rule.host?.toLowerCase(),
    methods: rule.methods === undefined ? undefined : new Set(rule.methods),
    headers,
    query,
    unconditional:
      rule.methods === undefined && headers.length + query.length === 0,
    parameters,
    fixed:
      parameters.length > 0
        ? undefined
        : Object.freeze({
            status: 200 as const,
            value: rule.value,
            params: noParams,
          }),
  };
};

/** Whether the fields a route asks for have the values it asks for. */
export const fieldsHold = (
  route: CompiledRoute<unknown>,
  fields: RequestFields,
): boolean =>
  route.headers.every(([name, value]) => fields.header(name) === value) &&
  route.query.every(([name, value]) => fields.query(name) === value);

/** The answer for a route that a search has found. */
export const routeAnswer = <T>(
  route: CompiledRoute<T>,
  { path, starts, ends }: RouteSearch,
): RouteMatch<T> => {
  const params: Record<string, string> = {};
  if (route.pattern.kind === "regex") {
    const groups = route.pattern.regex.exec(path)?.groups;
    for (const name of route.parameters) {
      // A group in an alternative that was not taken has no value.
      const value = groups?.[name];
      if (value !== undefined) params[name] = value;
    }
  } else
    for (let place = 0; place < route.parameters.length; place++)
      params[route.parameters[place] ?? ""] = path.slice(
        starts[place],
        ends[place],
      );
  return { status: 200, value: route.rule.value, params };
};

type Criterion = readonly [
  words: string,
  compare: (a: CompiledRoute<unknown>, b: CompiledRoute<unknown>) => number,
];

/** What precedence looks at, first things first, in words that say why the winner won. */
const criteria: readonly Criterion[] = [
  ["a more specific host", (a, b) => compareHosts(a.host, b.host)],
  ["a more specific path", (a, b) => comparePatterns(a.pattern, b.pattern)],
  [
    "a method",
    (a, b) => Number(a.methods === undefined) - Number(b.methods === undefined),
  ],
  ["more headers", (a, b) => b.headers.length - a.headers.length],
  ["more query parameters", (a, b) => b.query.length - a.query.length],
  ["an earlier place in the file", (a, b) => a.index - b.index],
];

/**
 * Orders routes by precedence, that of the Kubernetes Gateway API's HTTPRoute: host (exact, longest wildcard, none),
 * path (see `comparePatterns`), with methods before without, more headers, more query parameters, place in the file.
 */
export const compareRoutes = (
  a: CompiledRoute<unknown>,
  b: CompiledRoute<unknown>,
): number => {
  for (const [, compare] of criteria) {
    const difference = compare(a, b);
    if (difference !== 0) return difference;
  }
  return 0;
};

/** What puts `winner` before `loser`: "a more specific path". */
export const decidingCriterion = (
  winner: CompiledRoute<unknown>,
  loser: CompiledRoute<unknown>,
): string =>
  criteria.find(([, compare]) => compare(winner, loser) !== 0)?.[0] ??
  "nothing";

const compareHosts = (a: string | undefined, b: string | undefined): number => {
  const rank = (host: string | undefined): number =>
    host === undefined ? 2 : host.startsWith("*.") ? 1 : 0;
  const difference = rank(a) - rank(b);
  if (difference !== 0 || rank(a) !== 1) return difference;
  return (b?.length ?? 0) - (a?.length ?? 0);
};

/** Equal for two routes that no request can tell apart. */
export const routeIdentity = (route: CompiledRoute<unknown>): string => {
  const sorted = (pairs: Pairs): string[] =>
    pairs.map((pair) => JSON.stringify(pair)).sort();
  return JSON.stringify([
    route.host,
    patternShape(route.pattern),
    route.methods === undefined ? undefined : [...route.methods].sort(),
    sorted(route.headers),
    sorted(route.query),
  ]);
};
