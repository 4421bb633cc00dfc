import { ConfigError, type ConfigProblem } from "../errors.ts";
import {
  compareRoutes,
  compileRoute,
  type CompiledRoute,
} from "./compiled-route.ts";
import { parsePathPattern } from "./path-pattern.ts";
import { describeRoute, type RouteRule } from "./route.ts";
import { findConflicts, type RouteConflict } from "./route-conflicts.ts";
import { indexRoutes, type Match } from "./route-index.ts";

/** Finds the one route for a request. Immutable; a match is synchronous. */
export interface RouteTable<T> {
  /** In order of precedence: the first that takes a request is its route. */
  readonly routes: readonly RouteRule<T>[];
  /**
   * The route for a request, or 404, or 405 with the methods that would have had one.
   *
   * `host` is lower-case without a port ('' when there is none), `path` is canonical, `fields` is asked only by routes
   * with conditions. The answer for a route without parameters is the same frozen object each time. Costs one step a
   * segment, and at most one a node of the host's trie when patterns overlap; each regex that is reached costs a test.
   */
  readonly match: Match<T>;
}

/**
 * A table of these routes. Throws {@link ConfigError} with every faulty pattern, every pair of routes no request can
 * tell apart and every route that can never be reached.
 */
export const createRouteTable = <T>(
  rules: readonly RouteRule<T>[],
): RouteTable<T> => {
  const { compiled, faults } = compileRoutes(rules);
  const problems = [
    ...faults.map(({ index, reason }) => ({
      path: `routes[${index}].path`,
      message: reason,
    })),
    ...findConflicts(compiled).map((conflict): ConfigProblem => ({
      path: `routes[${conflict.index}]`,
      message: describeConflict(conflict, rules),
    })),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  const sorted = compiled.sort(compareRoutes);
  return {
    routes: sorted.map(({ rule }) => rule),
    match: indexRoutes(sorted),
  };
};

/** The rules with their patterns taken apart, in their order; and those whose pattern is faulty, with the reason. */
export const compileRoutes = <T>(
  rules: readonly RouteRule<T>[],
): {
  readonly compiled: CompiledRoute<T>[];
  readonly faults: readonly {
    readonly index: number;
    readonly reason: string;
  }[];
} => {
  const compiled: CompiledRoute<T>[] = [];
  const faults: { index: number; reason: string }[] = [];
  for (const [index, rule] of rules.entries()) {
    const pattern = parsePathPattern(rule.path);
    if (pattern.kind === "fault")
      faults.push({
        index,
        reason: `${pattern.reason}, got ${JSON.stringify(rule.path)}`,
      });
    else compiled.push(compileRoute(rule, pattern, index));
  }
  return { compiled, faults };
};

/** The conflict in words that follow the route's place; `place` names the others. */
export const describeConflict = (
  { kind, index, others }: RouteConflict,
  rules: readonly RouteRule<unknown>[],
  place: (index: number) => string = (other) => `routes[${other}]`,
): string => {
  const name = (at: number): string => {
    const rule = rules[at];
    return rule === undefined ? "" : describeRoute(rule);
  };
  const named = others.map((other) => `${place(other)} (${name(other)})`);
  const taken = named.length === 1 ? "takes" : "take";
  return kind === "equal"
    ? `${name(index)} is for the same requests as ${named.join(", ")}`
    : `${name(index)} can never be reached: ${named.join(", ")} ${taken} every request it could`;
};
