import { describe, expect, it } from "vitest";
import { explainMatch } from "./explain-match.ts";
import type { RouteConditions } from "./route.ts";

const reasons = (
  rules: readonly RouteConditions[],
  host: string,
  path: string,
  method = "GET",
): Record<string, string> =>
  Object.fromEntries(
    explainMatch(
      rules.map((rule) => ({ ...rule, value: rule.path })),
      host,
      path,
      method,
      { header: () => undefined, query: () => undefined },
    ).others.map(({ rule, reason }) => [rule.path, reason]),
  );

describe("an explanation", () => {
  it("names the first condition that does not hold", () => {
    expect(
      reasons(
        [
          { path: "/h/**", host: "*.example.com" },
          { path: "/p" },
          { path: "/f/:x", headers: { "X-Beta": "1" } },
          { path: "/f/**", query: { v: "2" } },
          { path: "/:f/1", methods: ["PUT", "POST"] },
        ],
        "example.com",
        "/f/1",
      ),
    ).toEqual({
      "/h/**": "is for the host *.example.com",
      "/p": "is for another path",
      "/f/:x": "is for requests with the header x-beta: 1",
      "/f/**": "is for requests with the query v=2",
      "/:f/1": "is for the method PUT, POST",
    });
  });

  it("names what the chosen route has before others that take the request too", () => {
    const why = reasons(
      [
        { path: "/a", host: "x.example", methods: ["GET"] },
        { path: "/:x", host: "x.example" },
        { path: "/**" },
      ],
      "x.example",
      "/a",
    );
    expect(why["/:x"]).toMatch(/chosen route has a more specific path/);
    expect(why["/**"]).toMatch(/chosen route has a more specific host/);
  });
});
