import { describe, expect, it } from "vitest";
import { problems, base, routes, expectOnly } from "../../test/config-scene.ts";

describe("a refused value", () => {
  it.each<[string, object, string]>([
    [
      "a list for an object",
      { listen: [] },
      "listen: must be an object, got a list",
    ],
    [
      "an address",
      { listen: { http: "here" } },
      "listen.http: must be host:port",
    ],
    [
      "one address twice",
      { listen: { http: "127.0.0.1:80", admin: "127.0.0.1:80" } },
      "listen.admin: must not be the address of http too",
    ],
    ["a CIDR", { trust: ["10.0.0.0/8", "x"] }, "trust[1]: must be a CIDR"],
    [
      "another registry",
      { registry: "etcd" },
      "registry: must be one of memory",
    ],
    [
      "a service name",
      { services: { "a b": [] } },
      'services["a b"]: must be a name',
    ],
    [
      "a target",
      { services: { a: ["http://a:99999"] } },
      "services.a[0]: must be a URL",
    ],
    [
      "TLS to a target",
      { services: { a: ["https://a"] } },
      "services.a[0]: must start with http://",
    ],
    [
      "a target twice",
      { services: { a: { targets: ["http://a", "http://A:80/"] } } },
      "services.a.targets[1]: must not be in the list twice",
    ],
    [
      "no instances",
      { services: { a: {} } },
      "services.a: must have targets or discover",
    ],
    [
      "two sources of instances",
      { services: { a: { targets: [], discover: "a" } } },
      "services.a.discover: must not be given beside targets",
    ],
    [
      "a health path",
      { services: { a: { targets: [], health: { path: "x" } } } },
      "services.a.health.path: must be a path that starts with /",
    ],
    [
      "no health path",
      { services: { a: { targets: [], health: {} } } },
      "services.a.health.path: is missing",
    ],
    [
      "a digest",
      { auth: { k: { apiKey: { keys: [{ id: "a", sha256: "hunter2" }] } } } },
      "auth.k.apiKey.keys[0].sha256: must be the SHA-256 of the UTF-8 key as 64 hex digits, got another value",
    ],
    [
      "no keys",
      { auth: { k: { apiKey: { keys: [] } } } },
      "auth.k.apiKey.keys: must have at least 1 in the list",
    ],
    [
      "a duration",
      { defaults: { timeout: { total: "10 s" } } },
      'defaults.timeout.total: must be milliseconds or a number with a unit like 250ms, 30s, 5m, 2h, 1d, above 0, got "10 s"',
    ],
    [
      "no time at all",
      { defaults: { timeout: { total: 0 } } },
      "defaults.timeout.total: must be",
    ],
    [
      "a size",
      { defaults: { body: { max: "10m" } } },
      "defaults.body.max: must be bytes or",
    ],
    [
      "no attempts",
      { defaults: { retry: { attempts: 0 } } },
      "defaults.retry.attempts: must be an integer from 1 to 10, got 0",
    ],
    [
      "a retry reason",
      { defaults: { retry: { on: [200] } } },
      "defaults.retry.on[0]: must be connect, reset, timeout or a status",
    ],
    [
      "a log level",
      { log: { level: "warning" } },
      'log.level: must be one of error, warn, info, debug, got "warning"; did you mean "warn"?',
    ],
  ])(
    "%s is named with its place and what is allowed",
    (_, config, expected) => {
      expectOnly(config, expected);
    },
  );

  it.each<[string, object, string]>([
    [
      "an id twice",
      {
        keys: [
          { id: "a", sha256: "a".repeat(64) },
          { id: "a", sha256: "b".repeat(64) },
        ],
      },
      "auth.k.apiKey.keys[1].id: must not be given twice",
    ],
    [
      "a key twice",
      {
        keys: [
          { id: "a", sha256: "a".repeat(64) },
          { id: "b", sha256: "A".repeat(64) },
        ],
      },
      "auth.k.apiKey.keys[1].sha256: must not be the digest of another client's key",
    ],
    [
      "an empty key",
      {
        keys: [
          {
            id: "a",
            sha256:
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
          },
        ],
      },
      "auth.k.apiKey.keys[0].sha256: must not be the digest of an empty key",
    ],
    [
      "a framing header",
      { header: "Content-Length", keys: [{ id: "a", sha256: "a".repeat(64) }] },
      "auth.k.apiKey.header: must not be a header that the gateway sets itself",
    ],
  ])("%s among API keys is named", (_, apiKey, expected) => {
    expectOnly({ auth: { k: { apiKey } } }, expected);
  });

  it("is never a field of the gateway's own to forward", () => {
    expectOnly(
      {
        auth: {
          k: { ...base.auth.partners, forward: { "X-Request-Id": "id" } },
        },
      },
      /auth\.k\.forward\.X-Request-Id: must not be a header that the gateway sets/,
    );
  });
});

describe("an unknown key", () => {
  it("is refused at every level, with the nearest known one", () => {
    expect(
      problems({
        servces: {},
        listen: { htp: 1 },
        services: { a: { targets: [], healthy: {} } },
        auth: { k: { ...base.auth.partners, forwards: {} } },
        defaults: { retrie: {} },
        routes: [],
        log: { format: "json" },
      }).map((problem) => problem.replace(/ known here: .*?;/, "")),
    ).toEqual([
      'servces: is unknown; did you mean "services"?',
      'listen.htp: is unknown; did you mean "http"?',
      'services.a.healthy: is unknown; did you mean "health"?',
      'auth.k.forwards: is unknown; did you mean "forward"?',
      'defaults.retrie: is unknown; did you mean "retry"?',
      "log.format: is unknown; known here: access, level",
    ]);
  });

  it("stands for what this version does not do", () => {
    for (const key of ["redirect", "rewrite", "headers", "cors", "sticky"])
      expectOnly(
        routes({ [key]: {} }),
        new RegExp(`routes\\[0\\]\\.${key}: is unknown`),
      );
    expectOnly({ listen: { https: {} } }, /listen\.https: is unknown/);
  });
});

describe("all problems", () => {
  it("are found at once, also those of names beside those of the schema", () => {
    expect(
      problems({
        ...base,
        log: { level: "loud" },
        routes: [
          { path: "/a", to: "nobody", limit: { rate: "many" } },
          { path: "/b", to: "users", bogus: 1, auth: "nobody" },
          { to: "users" },
          5,
        ],
      }).map((problem) => problem.replace(/: .*/, "")),
    ).toEqual([
      "routes[0].limit.rate",
      "routes[1].bogus",
      "routes[2].path",
      "routes[3]",
      "log.level",
      "routes[0].to",
      "routes[1].auth",
    ]);
  });

  it("are told of anything that is no configuration at all", () => {
    for (const value of [null, undefined, 5, "x", [], true])
      expectOnly(value, /^must be a gateway configuration, got/);
    expectOnly(JSON.parse('{"__proto__": 1}'), /^__proto__: is unknown/);
  });

  it("do not include services that are said to be missing because all of them are refused", () => {
    expectOnly(
      { services: 5, routes: [{ path: "/", to: "users" }] },
      /^services: must be an object/,
    );
  });

  it("are shown with long values cut and on one line each", () => {
    const [problem] = problems({ log: { level: `a\n${"x".repeat(10_000)}` } });
    expect(problem?.length).toBeLessThan(200);
    expect(problem).not.toContain("\n");
  });

  it("do not hang on a value that contains itself", () => {
    const route: Record<string, unknown> = { path: "/", to: "users" };
    route["use"] = [{ tag: { self: route } }];
    expect(problems({ ...base, routes: [route] })).toHaveLength(1);
  });
});
