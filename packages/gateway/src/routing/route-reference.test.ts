import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explainMatch } from "./explain-match.ts";
import { findConflicts } from "./route-conflicts.ts";
import { compileRoutes, createRouteTable } from "./route-table.ts";
import { indexRoutes } from "./route-index.ts";
import { compareRoutes } from "./compiled-route.ts";
import type { RequestFields, RouteMatch, RouteRule } from "./route.ts";

type Rule = RouteRule<number>;

interface Asked {
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly h: string | undefined;
  readonly q: string | undefined;
}

const fieldsOf = ({ h, q }: Asked): RequestFields => ({
  header: (name) => (name === "h" ? h : undefined),
  query: (name) => (name === "q" ? q : undefined),
});

// The contract read literally: keys to sort by, and one regex a pattern.

const kindsOf = (path: string): string =>
  path
    .slice(1)
    .split("/")
    .map((part) => (part === "**" ? "3" : part.startsWith(":") ? "1" : "0"))
    .join("");

const hostKey = (host: string | undefined): string =>
  host === undefined
    ? "z"
    : host.startsWith("*")
      ? `b${String(1000 - host.length)}`
      : "a";

/** Lower comes first. `2` after the last segment: a pattern that ends comes before one that goes on with `**`. */
const keyOf = (rule: Rule): string =>
  JSON.stringify([
    hostKey(rule.host),
    rule.path.startsWith("~")
      ? "r"
      : `${/^0*$/.test(kindsOf(rule.path)) ? "e" : "p"}${kindsOf(rule.path)}2`,
    rule.methods === undefined ? 1 : 0,
    9 - Object.keys(rule.headers ?? {}).length,
    9 - Object.keys(rule.query ?? {}).length,
  ]);

const regexOf = (path: string): RegExp =>
  path.startsWith("~")
    ? new RegExp(path.slice(1))
    : new RegExp(
        `^${path.replace(/:\w+/g, "([^/]+)").replace(/\/\*\*$/, "(?:/.*)?")}$`,
      );

const hostTakes = (rule: Rule, host: string): boolean =>
  rule.host === undefined ||
  (rule.host.startsWith("*")
    ? host.endsWith(rule.host.slice(1)) && host !== rule.host.slice(1)
    : rule.host === host);

const reference = (
  rules: readonly Rule[],
  asked: Asked,
): RouteMatch<number> => {
  const eligible = rules
    .map((rule, index) => ({ rule, key: `${keyOf(rule)}${index + 1000}` }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ rule }) => rule)
    .filter(
      (rule) =>
        hostTakes(rule, asked.host) &&
        regexOf(rule.path).test(asked.path) &&
        (rule.headers?.["h"] ?? asked.h) === asked.h &&
        (rule.query?.["q"] ?? asked.q) === asked.q,
    );
  const winner = eligible.find(
    (rule) => rule.methods?.includes(asked.method) ?? true,
  );
  if (winner !== undefined) {
    const values = regexOf(winner.path).exec(asked.path)?.slice(1) ?? [];
    const names = winner.path.startsWith("~")
      ? []
      : [...winner.path.matchAll(/:(\w+)/g)].map(([, name]) => name);
    return {
      status: 200,
      value: winner.value,
      params: Object.fromEntries(
        names.map((name, place) => [name, values[place]]),
      ) as Record<string, string>,
    };
  }
  const allow = [...new Set(eligible.flatMap(({ methods }) => methods ?? []))];
  return allow.length === 0 ? { status: 404 } : { status: 405, allow };
};

const segment = fc.constantFrom("a", "b", ":x", ":y", "a", "b");
const pathPattern = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(
        fc.array(segment, { maxLength: 3 }),
        fc.constantFrom("", "", "/**", "/"),
      )
      .map(([segments, end]) =>
        `/${segments.join("/")}${end}`.replace("//", "/"),
      )
      .filter((path) => !/:(\w).*:\1/.test(path)),
  },
  { weight: 1, arbitrary: fc.constantFrom("~^/a", "~^/[ab]/.*$", "~^/z") },
);
const rules = fc
  .array(
    fc.record(
      {
        path: pathPattern,
        host: fc.constantFrom("a.t", "*.t", "*.a.t", "b.a.t"),
        methods: fc.subarray(["GET", "PUT", "POST"], { minLength: 1 }),
        headers: fc.constantFrom({}, { h: "1" }, { h: "2" }),
        query: fc.constantFrom({}, { q: "1" }),
      },
      { requiredKeys: ["path"] },
    ),
    { maxLength: 9 },
  )
  .map((list): Rule[] => list.map((rule, value) => ({ ...rule, value })));

const longer = (paths: readonly string[]): string[] =>
  paths.flatMap((path) => ["a", "b", "z"].map((part) => `${path}/${part}`));
const deep = [longer([""]), longer(longer([""])), longer(longer(longer([""])))];
const paths = [
  "/",
  ...[...deep.flat(), ...(deep[2] ?? []).map((path) => `${path}/z`)].flatMap(
    (path) => [path, `${path}/`],
  ),
];

const asked = fc.record({
  host: fc.constantFrom("", "a.t", "b.a.t", "c.a.t", "c.b.t", "t"),
  path: fc.constantFrom(...paths),
  method: fc.constantFrom("GET", "PUT", "DELETE"),
  h: fc.constantFrom("1", "2", undefined),
  q: fc.constantFrom("1", undefined),
});

describe("a route table and the contract read literally", () => {
  it("agree on every request", () => {
    fc.assert(
      fc.property(
        rules,
        fc.array(asked, { maxLength: 20 }),
        (list, requests) => {
          const match = indexRoutes(
            compileRoutes(list).compiled.sort(compareRoutes),
          );
          for (const each of requests)
            expect(
              match(each.host, each.path, each.method, fieldsOf(each)),
            ).toEqual(reference(list, each));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("agree with the explanation, which has a reason for every other route", () => {
    fc.assert(
      fc.property(rules, asked, (list, each) => {
        const { match, chosen, others } = explainMatch(
          list,
          each.host,
          each.path,
          each.method,
          fieldsOf(each),
        );
        expect(match).toEqual(reference(list, each));
        expect(chosen?.value).toBe(
          match.status === 200 ? match.value : undefined,
        );
        expect(others).toHaveLength(list.length - (chosen ? 1 : 0));
        expect(others.every(({ reason }) => reason !== "")).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Every request that two rules of the tables above could tell apart. */
const universe: readonly Asked[] = [
  "",
  "a.t",
  "b.a.t",
  "c.a.t",
  "c.b.t",
].flatMap((host) =>
  paths.flatMap((path) =>
    ["GET", "PUT", "POST", "DELETE"].flatMap((method) =>
      ["1", "2", undefined].flatMap((h) =>
        ["1", undefined].map((q) => ({ host, path, method, h, q })),
      ),
    ),
  ),
);

describe("the conflicts of a table", () => {
  it("are the routes that no request of a whole universe gets", () => {
    fc.assert(
      fc.property(rules, (list) => {
        const plain = list.filter(({ path }) => !path.startsWith("~"));
        const { compiled } = compileRoutes(plain);
        const conflicts = findConflicts(compiled).map(({ index }) => index);
        const match = indexRoutes([...compiled].sort(compareRoutes));
        const reached = new Set(
          universe.flatMap((each) => {
            const found = match(
              each.host,
              each.path,
              each.method,
              fieldsOf(each),
            );
            return found.status === 200 ? [found.value] : [];
          }),
        );
        const unreached = compiled.flatMap(({ index, rule }) =>
          reached.has(rule.value) ? [] : [index],
        );
        expect(conflicts).toEqual(unreached);
      }),
      { numRuns: 150 },
    );
  });

  it("are none of the routes that a table without them can do without", () => {
    fc.assert(
      fc.property(
        rules,
        fc.array(asked, { maxLength: 10 }),
        (list, requests) => {
          const gone = new Set(
            findConflicts(compileRoutes(list).compiled).map(
              ({ index }) => index,
            ),
          );
          const kept = list.filter((_, index) => !gone.has(index));
          const table = createRouteTable(kept);
          for (const each of requests)
            expect(
              table.match(each.host, each.path, each.method, fieldsOf(each)),
            ).toEqual(reference(list, each));
        },
      ),
      { numRuns: 500 },
    );
  });
});
