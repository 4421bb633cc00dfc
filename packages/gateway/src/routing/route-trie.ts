import {
  fieldsHold,
  routeAnswer,
  type CompiledRoute,
} from "./compiled-route.ts";
import type { PatternSegment } from "./path-pattern.ts";
import type { RequestFields, RouteMatch } from "./route.ts";

interface Node<T> {
  literals: Map<string, Node<T>> | undefined;
  parameter: Node<T> | undefined;
  /** Routes whose pattern ends here, and routes with `**` here; both in precedence order. */
  ends: CompiledRoute<T>[];
  rests: CompiledRoute<T>[];
}

const createNode = <T>(): Node<T> => ({
  literals: undefined,
  parameter: undefined,
  ends: [],
  rests: [],
});

/**
 * The routes of one host as a trie over path segments. Its depth-first order (literal, parameter, end, `**`) is the
 * order of precedence, so the first route that takes the request is the answer. Each node is visited at most once.
 */
export class RouteTrie<T> {
  readonly #root: Node<T> = createNode();
  /** Patterns without parameters and `**`, by their whole path. */
  readonly #exact = new Map<string, Node<T>>();
  readonly #regexes: CompiledRoute<T>[] = [];

  /** Routes must be added in order of precedence. */
  add(route: CompiledRoute<T>): void {
    if (route.pattern.kind === "regex") {
      this.#regexes.push(route);
      return;
    }
    let node = this.#root;
    for (const segment of route.pattern.segments) {
      if (segment.kind === "rest") {
        node.rests.push(route);
        return;
      }
      node = childOf(node, segment);
    }
    node.ends.push(route);
    if (route.fixed !== undefined) this.#exact.set(route.pattern.text, node);
  }

  /** The first route that takes the request; adds the methods of routes that would but for the method to `allow`. */
  match(
    path: string,
    method: string,
    fields: RequestFields,
    allow: Set<string>,
  ): RouteMatch<T> | undefined {
    const exact = this.#exact.get(path);
    const route =
      (exact === undefined
        ? undefined
        : pick(exact.ends, method, fields, allow)) ??
      find(this.#root, path, 1, method, fields, allow) ??
      this.#matchRegex(path, method, fields, allow);
    return route === undefined ? undefined : routeAnswer(route, path);
  }

  #matchRegex(
    path: string,
    method: string,
    fields: RequestFields,
    allow: Set<string>,
  ): CompiledRoute<T> | undefined {
    if (this.#regexes.length === 0) return undefined;
    const matching = this.#regexes.filter(
      ({ pattern }) => pattern.kind === "regex" && pattern.regex.test(path),
    );
    return pick(matching, method, fields, allow);
  }
}

const childOf = <T>(
  node: Node<T>,
  segment: Exclude<PatternSegment, { kind: "rest" }>,
): Node<T> => {
  if (segment.kind === "parameter") return (node.parameter ??= createNode());
  node.literals ??= new Map();
  let child = node.literals.get(segment.text);
  if (child === undefined) {
    child = createNode();
    node.literals.set(segment.text, child);
  }
  return child;
};

/** `start` is where the next segment begins; beyond the path's length when there is none. */
const find = <T>(
  node: Node<T>,
  path: string,
  start: number,
  method: string,
  fields: RequestFields,
  allow: Set<string>,
): CompiledRoute<T> | undefined => {
  if (start > path.length) {
    const ending = pick(node.ends, method, fields, allow);
    if (ending !== undefined) return ending;
  } else if (node.literals !== undefined || node.parameter !== undefined) {
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    const literal = node.literals?.get(path.slice(start, end));
    if (literal !== undefined) {
      const below = find(literal, path, end + 1, method, fields, allow);
      if (below !== undefined) return below;
    }
    if (node.parameter !== undefined && end > start) {
      const below = find(node.parameter, path, end + 1, method, fields, allow);
      if (below !== undefined) return below;
    }
  }
  return pick(node.rests, method, fields, allow);
};

const pick = <T>(
  routes: readonly CompiledRoute<T>[],
  method: string,
  fields: RequestFields,
  allow: Set<string>,
): CompiledRoute<T> | undefined => {
  for (const route of routes) {
    if (!fieldsHold(route, fields)) continue;
    if (route.methods === undefined || route.methods.has(method)) return route;
    for (const other of route.methods) allow.add(other);
  }
  return undefined;
};
