import { describe, expect, it } from "vitest";
import { problems, routes, expectOnly } from "../../test/config-scene.ts";

describe("a route", () => {
  it.each<[string, object, string]>([
    [
      "an unknown service",
      { to: "user" },
      'routes[0].to: must be a known service: users, orders, got "user"; did you mean "users"?',
    ],
    [
      "an unknown service with a weight",
      { to: { order: 1, users: 1 } },
      'routes[0].to.order: must be a known service: users, orders, got "order"; did you mean "orders"?',
    ],
    [
      "no weight above 0",
      { to: { users: 0 } },
      "routes[0].to: must have a weight above 0",
    ],
    [
      "an unknown auth",
      { auth: "partner" },
      'routes[0].auth: must be a known auth: partners, got "partner"; did you mean "partners"?',
    ],
    [
      "a key of auth without auth",
      { limit: { rate: "5/s", by: "auth.id" } },
      "routes[0].limit.by: must not be auth.id on a route without auth",
    ],
    [
      "a rate",
      { limit: { rate: "5/x" } },
      'routes[0].limit.rate: must be a rate like 100/s, 600/m, 5000/h or 10000/d, got "5/x"',
    ],
    [
      "a rate of nothing",
      { limit: { rate: "0/s" } },
      "routes[0].limit.rate: must be a rate",
    ],
    [
      "a limit key",
      { limit: { rate: "5/s", by: "auth.sub" } },
      'routes[0].limit.by: must be ip, header:<name>, auth.id, route or global, got "auth.sub"',
    ],
    [
      "a method",
      { methods: ["get"] },
      'routes[0].methods[0]: must be a method in upper case, like GET, got "get"',
    ],
    ["a path", { path: "/a/*" }, "routes[0].path: has a * inside a segment"],
    ["a host", { host: "a:80" }, "routes[0].host: must be a host name"],
    [
      "a header twice",
      { match: { headers: { "X-A": "1", "x-a": "2" } } },
      "routes[0].match.headers.x-a: must not be given twice",
    ],
    [
      "a header that is dropped",
      { match: { headers: { x_a: "1" } } },
      "routes[0].match.headers.x_a: must be a header name",
    ],
    [
      "an unknown middleware",
      { use: [{ tags: {} }] },
      'routes[0].use[0].tags: must be a known middleware: tag, broken, got "tags"; did you mean "tag"?',
    ],
    [
      "a middleware's option",
      { use: [{ tag: { value: 5 } }] },
      "routes[0].use[0].tag.value: must be text, got 5",
    ],
    [
      "an unknown option",
      { use: [{ tag: { valu: "" } }] },
      'routes[0].use[0].tag.valu: is unknown; known here: value; did you mean "value"?',
    ],
    [
      "a middleware with a bad schema",
      { use: [{ broken: {} }] },
      "routes[0].use[0].broken: cannot be checked",
    ],
    [
      "two middlewares in one",
      { use: [{ tag: {}, broken: {} }] },
      "routes[0].use[0]: must be a middleware and its options",
    ],
  ])("%s is named with its place and what is allowed", (_, route, expected) => {
    expectOnly(routes(route), expected);
  });
});

describe("routes", () => {
  it("that share the global bucket have the same rate and burst", () => {
    const global = (rate: string, burst?: number): object => ({
      limit: { rate, burst, by: "global" },
    });
    expect(
      problems(
        routes(global("60/m"), global("60/m", 60), { limit: { rate: "5/s" } }),
      ),
    ).toEqual([]);
    expectOnly(
      routes(global("60/m"), global("1/s")),
      "routes[1].limit: must be that of routes[0] (60 in 60000 ms, burst 60), because global is one bucket for both, got 1 in 1000 ms, burst 1",
    );
  });

  it("for the same requests are named, both", () => {
    expectOnly(
      routes({ path: "/a/:x" }, {}, { path: "/a/:y" }),
      /routes\[2\]: \/a\/:y is for the same requests as routes\[0\] \(\/a\/:x\)/,
    );
  });

  it("that can never be reached are named with those before them", () => {
    expectOnly(
      routes(
        { path: "/a", methods: ["GET", "PUT"] },
        { path: "/a", methods: ["PUT"] },
      ),
      /routes\[1\]: PUT \/a can never be reached: routes\[0\]/,
    );
  });

  it("are not compared by conditions that are themselves refused", () => {
    expectOnly(
      routes(
        { path: "/a", methods: ["GET"] },
        { path: "/a", methods: ["get"] },
      ),
      /routes\[1\]\.methods\[0\]/,
    );
    expectOnly(
      routes({ path: "/a" }, { path: "/a", match: { headrs: { a: "1" } } }),
      /routes\[1\]\.match\.headrs/,
    );
  });
});
