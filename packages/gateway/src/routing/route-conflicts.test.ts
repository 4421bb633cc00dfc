import { describe, expect, it } from "vitest";
import { findConflicts, type RouteConflict } from "./route-conflicts.ts";
import { compileRoutes, describeConflict } from "./route-table.ts";
import type { RouteConditions } from "./route.ts";

const rulesOf = (
  conditions: readonly (string | RouteConditions)[],
): (RouteConditions & { value: undefined })[] =>
  conditions.map((each) =>
    typeof each === "string"
      ? { path: each, value: undefined }
      : { ...each, value: undefined },
  );

const conflicts = (
  ...conditions: readonly (string | RouteConditions)[]
): RouteConflict[] =>
  findConflicts(compileRoutes(rulesOf(conditions)).compiled);

describe("equal routes", () => {
  it("differ at most in the names of parameters and in order", () => {
    expect(conflicts("/a/:x", "/b", "/a/:y")).toEqual([
      { kind: "equal", index: 2, others: [0] },
    ]);
    expect(
      conflicts(
        { path: "/a", host: "X.example", methods: ["GET", "PUT"] },
        { path: "/a", host: "x.example", methods: ["PUT", "GET"] },
      ),
    ).toHaveLength(1);
    expect(
      conflicts(
        { path: "~^/a$", headers: { "X-A": "1", b: "2" } },
        { path: "~^/a$", headers: { b: "2", "x-a": "1" } },
      ),
    ).toHaveLength(1);
  });

  it("are not those that a host, method, header or query tells apart", () => {
    expect(
      conflicts(
        "/a",
        "/a/",
        { path: "/a", host: "x.example" },
        { path: "/a", methods: ["GET"] },
        { path: "/a", headers: { a: "1" } },
        { path: "/a", headers: { a: "2" } },
        { path: "/a", query: { a: "1" } },
      ),
    ).toEqual([]);
  });
});

describe("an unreachable route", () => {
  it("has every method taken by others together", () => {
    expect(
      conflicts(
        { path: "/a", methods: ["GET"] },
        { path: "/a", methods: ["PUT", "POST"] },
        { path: "/a", methods: ["GET", "PUT"] },
      ),
    ).toEqual([{ kind: "unreachable", index: 2, others: [0, 1] }]);
  });

  it("has every path taken by more specific ones", () => {
    expect(conflicts("/a/:x", "/a", "/a/", "/a/:x/**", "/a/**")).toEqual([
      { kind: "unreachable", index: 4, others: [0, 1, 2, 3] },
    ]);
    expect(conflicts("/a/:x", "/a", "/a/:x/**", "/a/**")).toEqual([]);
  });

  it("is a regex below a route for every path of its host", () => {
    expect(conflicts("~^/a", "/**")).toEqual([
      { kind: "unreachable", index: 0, others: [1] },
    ]);
    expect(
      conflicts({ path: "~^/a", headers: { a: "1" } }, { path: "~^/a" }),
    ).toEqual([]);
    expect(
      conflicts(
        { path: "~^/a", methods: ["GET"] },
        { path: "/**", methods: ["PUT"] },
        { path: "/**", host: "x.example" },
        { path: "/**", headers: { h: "1" } },
      ),
    ).toEqual([]);
    expect(
      conflicts(
        { path: "~^/a", methods: ["GET", "PUT"] },
        { path: "/**", methods: ["GET"] },
        { path: "~^/a", methods: ["PUT"] },
        { path: "~^/a", methods: ["PUT", "GET"], query: { a: "1" } },
      ),
    ).toEqual([{ kind: "unreachable", index: 2, others: [0] }]);
  });

  it("is told with the routes that take its place", () => {
    const rules = rulesOf([
      { path: "/a", methods: ["GET"] },
      { path: "/a", methods: ["PUT"] },
      { path: "/a", methods: ["GET", "PUT"] },
    ]);
    const [conflict] = findConflicts(compileRoutes(rules).compiled);
    expect(conflict && describeConflict(conflict, rules)).toBe(
      "GET,PUT /a can never be reached: routes[0] (GET /a), routes[1] (PUT /a) take every request it could",
    );
  });
});
