import { fieldsHold, type CompiledRoute } from "./compiled-route.ts";
import { emptyHash, foldHash, LiteralTable } from "./literal-table.ts";
import type { PatternSegment } from "./path-pattern.ts";
import type { RouteSearch } from "./route-search.ts";

const SLASH = 0x2f;

class TrieNode<T> {
  literals: LiteralTable<TrieNode<T>> | undefined = undefined;
  parameter: TrieNode<T> | undefined = undefined;
  /** Routes whose pattern ends here, and routes with `**` here; both in order of precedence. */
  readonly ends: CompiledRoute<T>[] = [];
  readonly rests: CompiledRoute<T>[] = [];

  below(segment: Exclude<PatternSegment, { kind: "rest" }>): TrieNode<T> {
    if (segment.kind === "parameter")
      return (this.parameter ??= new TrieNode<T>());
    this.literals ??= new LiteralTable<TrieNode<T>>();
    return this.literals.getOrAdd(segment.text, () => new TrieNode<T>());
  }
}

/**
 * The routes of one host as a trie over path segments. Its depth-first order (literal, parameter, end, `**`) is the
 * order of precedence, so the first route that takes the request is the answer. Each node is visited at most once.
 */
export class RouteTrie<T> {
  readonly #root = new TrieNode<T>();
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
      node = node.below(segment);
    }
    node.ends.push(route);
  }

  /** The first route that takes what is searched for. */
  find(search: RouteSearch): CompiledRoute<T> | undefined {
    return (
      find(this.#root, search, 1, 0) ??
      (this.#regexes.length === 0 ? undefined : this.#findRegex(search))
    );
  }

  #findRegex(search: RouteSearch): CompiledRoute<T> | undefined {
    return this.#regexes.find(
      (route) =>
        route.pattern.kind === "regex" &&
        route.pattern.regex.test(search.path) &&
        takes(route, search),
    );
  }
}

/**
 * `start` is where the next segment begins, beyond the path when there is none; `parameters` is how many of the
 * segments before are values of parameters.
 */
const find = <T>(
  node: TrieNode<T>,
  search: RouteSearch,
  start: number,
  parameters: number,
): CompiledRoute<T> | undefined => {
  const { path } = search;
  if (start > path.length) {
    const ending = pick(node.ends, search);
    if (ending !== undefined) return ending;
  } else if (node.literals !== undefined || node.parameter !== undefined) {
    let hash = emptyHash;
    let end = start;
    for (; end < path.length; end++) {
      const code = path.charCodeAt(end);
      if (code === SLASH) break;
      hash = foldHash(hash, code);
    }
    const literal = node.literals?.get(path, start, end, hash);
    if (literal !== undefined) {
      const route = find(literal, search, end + 1, parameters);
      if (route !== undefined) return route;
    }
    if (node.parameter !== undefined && end > start) {
      // A way that fails leaves its values behind; the way that wins has written over them.
      search.starts[parameters] = start;
      search.ends[parameters] = end;
      const route = find(node.parameter, search, end + 1, parameters + 1);
      if (route !== undefined) return route;
    }
  }
  return node.rests.length === 0 ? undefined : pick(node.rests, search);
};

const pick = <T>(
  routes: readonly CompiledRoute<T>[],
  search: RouteSearch,
): CompiledRoute<T> | undefined => {
  for (const route of routes) if (takes(route, search)) return route;
  return undefined;
};

const takes = (route: CompiledRoute<unknown>, search: RouteSearch): boolean => {
  if (route.unconditional) return true;
  if (!fieldsHold(route, search.fields)) return false;
  const { methods } = route;
  if (methods === undefined || methods.has(search.method)) return true;
  search.allow = new Set([...(search.allow ?? []), ...methods]);
  return false;
};
