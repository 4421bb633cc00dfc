import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { createRouteTable } from "./route-table.ts";
import type { RequestFields, RouteConditions, RouteMatch } from "./route.ts";

const noFields: RequestFields = {
  header: () => undefined,
  query: () => undefined,
};

/** A table whose routes give back their own path, or the name given. */
const table = (
  ...rules: (string | (RouteConditions & { name?: string }))[]
): ((
  path: string,
  options?: { host?: string; method?: string; fields?: RequestFields },
) => RouteMatch<string>) => {
  const { match } = createRouteTable(
    rules.map((rule) =>
      typeof rule === "string"
        ? { path: rule, value: rule }
        : { ...rule, value: rule.name ?? rule.path },
    ),
  );
  return (path, { host = "", method = "GET", fields = noFields } = {}) =>
    match(host, path, method, fields);
};

const chosen = (match: RouteMatch<string>): string | number =>
  match.status === 200 ? match.value : match.status;

describe("a route table", () => {
  it("prefers literals to parameters to prefixes, segment by segment", () => {
    const match = table(
      "/:a/**",
      "/:a/b",
      "/a/:b",
      "/a/b",
      "/a/**",
      "~^/z?$",
      "/a/b/c/**",
    );
    expect(chosen(match("/a/b"))).toBe("/a/b");
    expect(chosen(match("/a/x"))).toBe("/a/:b");
    expect(chosen(match("/x/b"))).toBe("/:a/b");
    expect(chosen(match("/a/x/y"))).toBe("/a/**");
    expect(chosen(match("/a/b/c/d"))).toBe("/a/b/c/**");
    expect(chosen(match("/a/b/x"))).toBe("/a/**");
    expect(chosen(match("/z"))).toBe("/:a/**");
    expect(chosen(match("/"))).toBe("~^/z?$");
  });

  it("goes back to a less specific segment when a more specific one leads nowhere", () => {
    const match = table("/a/b/c", "/a/:x/d", "/:y/b/e");
    expect(match("/a/b/d")).toEqual({
      status: 200,
      value: "/a/:x/d",
      params: { x: "b" },
    });
    expect(match("/a/b/e")).toEqual({
      status: 200,
      value: "/:y/b/e",
      params: { y: "a" },
    });
  });

  it("gives the values of parameters as they stand in the path", () => {
    const match = table("/users/:id/posts/:post/**", "~^/f/(?<name>.+)\\.txt$");
    expect(match("/users/a%20b/posts/7/x/y")).toMatchObject({
      params: { id: "a%20b", post: "7" },
    });
    expect(match("/f/a/b.txt")).toMatchObject({ params: { name: "a/b" } });
  });

  it("gives the same frozen answer for a route without parameters", () => {
    const match = table("/a/**");
    expect(match("/a/x")).toBe(match("/a/y"));
    expect(Object.isFrozen(match("/a/x"))).toBe(true);
  });

  it("tells a path with a closing slash from one without", () => {
    const match = table("/a", "/b/");
    expect(chosen(match("/a/"))).toBe(404);
    expect(chosen(match("/b"))).toBe(404);
    expect(chosen(match("/b/"))).toBe("/b/");
  });

  it("prefers an exact host to the longest wildcard to none", () => {
    const match = table(
      { path: "/**", name: "any" },
      { path: "/**", host: "*.example.com", name: "wide" },
      { path: "/**", host: "*.b.example.com", name: "narrow" },
      { path: "/**", host: "a.B.example.com", name: "exact" },
    );
    const at = (host: string): string | number => chosen(match("/x", { host }));
    expect(at("a.b.example.com")).toBe("exact");
    expect(at("c.b.example.com")).toBe("narrow");
    expect(at("d.c.example.com")).toBe("wide");
    expect(at("example.com")).toBe("any");
    expect(at(".example.com")).toBe("any");
    expect(at("notexample.com")).toBe("any");
    expect(at("")).toBe("any");
  });

  it("asks less specific hosts when no path of a more specific one matches", () => {
    const match = table("/a", { path: "/b", host: "x.example" });
    expect(chosen(match("/a", { host: "x.example" }))).toBe("/a");
  });

  it("prefers a route with methods, then more headers, then more query parameters, then the first", () => {
    const fields: RequestFields = { header: () => "1", query: () => "1" };
    const all = [
      { path: "/a", methods: ["GET"], name: "method" },
      { path: "/a", headers: { "X-One": "1", "x-two": "1" }, name: "two" },
      {
        path: "/a",
        headers: { "x-one": "1" },
        query: { q: "1" },
        name: "query",
      },
      { path: "/a", headers: { "x-one": "1" }, name: "one" },
      { path: "/a", headers: { "x-three": "1" }, name: "later" },
      { path: "/a", name: "plain" },
    ];
    for (let from = 0; from < all.length; from++) {
      const match = table(...all.slice(from).reverse());
      const expected = all[from]?.name === "one" ? "later" : all[from]?.name;
      expect(chosen(match("/a", { fields }))).toBe(expected);
    }
  });

  it("answers 405 with the methods of every route that would take the request", () => {
    const match = table(
      { path: "/a/b", methods: ["GET", "PUT"] },
      { path: "/a/:x", methods: ["PUT", "DELETE"] },
      { path: "/b", methods: ["GET"], headers: { h: "1" } },
    );
    expect(match("/a/b", { method: "POST" })).toEqual({
      status: 405,
      allow: ["GET", "PUT", "DELETE"],
    });
    expect(match("/a/x", { method: "POST" })).toEqual({
      status: 405,
      allow: ["PUT", "DELETE"],
    });
    expect(match("/b", { method: "POST" })).toEqual({ status: 404 });
  });

  it("lets a less specific route have what a more specific one refuses by method or field", () => {
    const match = table("/a/**", {
      path: "/a/b",
      methods: ["GET"],
      name: "get",
    });
    expect(chosen(match("/a/b", { method: "POST" }))).toBe("/a/**");
    expect(chosen(match("/a/b"))).toBe("get");
  });

  it("asks regexes in the order of the file, after everything else", () => {
    const match = table("~^/a", "~^/ab", "/abc");
    expect(chosen(match("/ab"))).toBe("~^/a");
    expect(chosen(match("/abc"))).toBe("/abc");
  });

  it("lists its routes in order of precedence", () => {
    const { routes } = createRouteTable(
      ["/:x/**", "/a", "~^/x", "/:x"].map((path) => ({ path, value: path })),
    );
    expect(routes.map(({ path }) => path)).toEqual([
      "/a",
      "/:x",
      "/:x/**",
      "~^/x",
    ]);
  });

  it("is refused with every faulty pattern and every conflict", () => {
    const attempt = (): unknown => table("/a", "b", "/a", "c");
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(/routes\[1\]\.path: must start with/);
    expect(attempt).toThrow(/routes\[3\]\.path: must start with/);
    expect(attempt).toThrow(
      /routes\[2\]: \/a is for the same requests as routes\[0\] \(\/a\)/,
    );
  });
});
