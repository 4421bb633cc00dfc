import { describe, expect, it } from "vitest";
import { explainRequest, type Explanation } from "./explain.ts";
import { resolveConfig } from "./resolve.ts";

const config = resolveConfig({
  services: { users: { targets: [] } },
  routes: [
    { path: "/users/**", to: "users" },
    { path: "/users/:id", methods: ["GET"], to: "users" },
    {
      path: "/v/**",
      host: "a.example",
      match: { query: { v: "2" } },
      to: "users",
    },
    { path: "/h", match: { headers: { "X-Beta": "1" } }, to: "users" },
    { path: "/put", methods: ["PUT"], to: "users" },
  ],
});

const route = (explanation: Explanation): number | undefined =>
  explanation.route?.index;

describe("an explanation of a request", () => {
  it("is about its canonical path, without the query", () => {
    expect(
      explainRequest(config, { path: "/users//%37?x=/../y" }),
    ).toMatchObject({
      path: "/users/7",
      status: 200,
      route: { index: 1 },
      params: { id: "7" },
    });
  });

  it("looks at host, query and headers as the gateway does", () => {
    const path = "/v/x?v=2";
    expect(route(explainRequest(config, { path }))).toBeUndefined();
    expect(route(explainRequest(config, { path, host: "A.example:80" }))).toBe(
      2,
    );
    expect(
      route(explainRequest(config, { path: "/h", headers: { "x-BETA": "1" } })),
    ).toBe(3);
  });

  it("says what the gateway answers when no route takes it", () => {
    expect(explainRequest(config, { path: "/a%2fb" })).toEqual({
      path: undefined,
      status: 400,
      route: undefined,
      params: {},
      allow: [],
      others: [],
    });
    expect(explainRequest(config, { path: "/none" })).toMatchObject({
      status: 404,
      others: { length: 5 },
    });
    expect(explainRequest(config, { path: "/put" })).toMatchObject({
      status: 405,
      allow: ["PUT"],
    });
  });

  it("has a reason for each other route, in order of precedence", () => {
    const { others } = explainRequest(config, {
      method: "PUT",
      path: "/users/7",
    });
    expect(others.map((other) => [other.route.index, other.reason])).toEqual([
      [2, "is for the host a.example"],
      [4, "is for another path"],
      [3, "is for another path"],
      [1, "is for the method GET"],
    ]);
  });
});
