import { describe, expect, it } from "vitest";
import { resolveConfig } from "./resolve.ts";
import type { ResolvedConfig, ResolvedRoute } from "./resolved.ts";
import type { GatewayConfig, RouteConfig } from "./types.ts";

const services = { users: ["http://127.0.0.1:3001"], canary: { targets: [] } };

const resolved = (config: GatewayConfig): ResolvedConfig =>
  resolveConfig({ services, ...config });

const route = (
  given: Partial<RouteConfig>,
  defaults?: GatewayConfig["defaults"],
): ResolvedRoute => {
  const { routes } = resolveConfig(
    { services, defaults, routes: [{ path: "/**", to: "users", ...given }] },
    {
      middleware: ["one", "two"].map((name) => ({
        name,
        options: { type: "object", properties: { n: { default: 1 } } },
      })),
    },
  );
  return routes[0]!;
};

describe("a resolved configuration", () => {
  it("has the documented defaults where nothing is said", () => {
    const { users } = Object.fromEntries(resolved({}).services);
    expect({ ...resolved({}), services: users }).toEqual({
      listen: { http: { host: "127.0.0.1", port: 8080 }, admin: undefined },
      trust: [],
      services: {
        name: "users",
        targets: [{ id: "127.0.0.1:3001", host: "127.0.0.1", port: 3001 }],
        discover: undefined,
        balance: "power-of-two",
        health: undefined,
        eject: { consecutive: 5, forMs: 30_000, maxShare: 0.5 },
        breaker: {
          failureRate: 0.5,
          windowMs: 10_000,
          minimum: 20,
          openForMs: 5_000,
          probes: 1,
        },
        connections: { max: 256, idleMs: 30_000 },
      },
      auth: new Map(),
      routes: [],
      clients: { headerMs: 10_000, writeMs: 30_000, idleMs: 60_000 },
      drain: { graceMs: 0, withinMs: 30_000 },
      log: { access: true, level: "info" },
      modules: [],
    });
    expect(route({})).toMatchObject({
      name: "/**",
      index: 0,
      to: [{ service: "users", weight: 1 }],
      limit: undefined,
      timeout: {
        totalMs: 10_000,
        attemptMs: 3_000,
        connectMs: 1_000,
        idleMs: 60_000,
      },
      retry: {
        attempts: 2,
        onConnect: true,
        onReset: true,
        onTimeout: false,
        onStatus: [503],
        budget: 0.2,
        backoffMs: 25,
      },
      bodyMaxBytes: 10 * 1024 * 1024,
    });
  });

  it("takes undefined for a key that is left out", () => {
    const config: GatewayConfig = {
      listen: undefined,
      trust: undefined,
      services: {
        users: { targets: [], discover: undefined, eject: undefined },
      },
      auth: undefined,
      defaults: { retry: undefined },
      routes: [{ path: "/", to: "users", host: undefined, limit: undefined }],
    };
    expect(resolveConfig(config).routes).toHaveLength(1);
  });

  it("listens with a port alone on every address for clients and on loopback for operators", () => {
    expect(resolved({ listen: { http: 80, admin: "9901" } }).listen).toEqual({
      http: { host: undefined, port: 80 },
      admin: { host: "127.0.0.1", port: 9901 },
    });
  });

  it("inherits policies key by key", () => {
    const defaults = {
      timeout: { total: "20s", idle: 500 },
      retry: { attempts: 3, on: ["timeout", 502], budget: "0%" },
      body: { max: "1kb" },
      use: [{ one: {} }],
    } as const;
    expect(route({}, defaults)).toMatchObject({
      timeout: { totalMs: 20_000, attemptMs: 3_000, idleMs: 500 },
      retry: {
        attempts: 3,
        onConnect: false,
        onReset: false,
        onTimeout: true,
        onStatus: [502],
        budget: 0,
      },
      bodyMaxBytes: 1024,
      use: [{ name: "one" }],
    });
    expect(
      route(
        {
          timeout: { attempt: "5s" },
          retry: { on: ["connect"] },
          body: { max: 7 },
          use: [{ two: { n: 5 } }],
        },
        defaults,
      ),
    ).toMatchObject({
      timeout: { totalMs: 20_000, attemptMs: 5_000 },
      retry: { attempts: 3, onConnect: true, onTimeout: false, onStatus: [] },
      bodyMaxBytes: 7,
      use: [
        { name: "one", options: { n: 1 } },
        { name: "two", options: { n: 5 } },
      ],
    });
  });

  it("never has an attempt longer than the whole, nor a connect longer than an attempt", () => {
    expect(route({ timeout: { total: "500ms" } }).timeout).toMatchObject({
      totalMs: 500,
      attemptMs: 500,
      connectMs: 500,
    });
  });

  it("turns ejection and breaker off by false and on by true", () => {
    const config = resolveConfig({
      services: {
        off: { targets: [], eject: false, breaker: false },
        on: { targets: [], eject: true, breaker: { minimum: 5 } },
      },
    });
    expect(config.services.get("off")).toMatchObject({
      eject: undefined,
      breaker: undefined,
    });
    expect(config.services.get("on")).toMatchObject({
      eject: { consecutive: 5 },
      breaker: { minimum: 5, failureRate: 0.5 },
    });
  });

  it("resolves limits with their keys", () => {
    const limit = (by?: "ip" | "global" | "header:X-Tenant"): unknown =>
      route({ limit: { rate: "6/m", by } }).limit;
    expect(limit()).toEqual({
      limit: 6,
      perMs: 60_000,
      burst: 6,
      by: { kind: "ip" },
    });
    expect(limit("header:X-Tenant")).toMatchObject({
      by: { kind: "header", header: "x-tenant" },
    });
    expect(route({ limit: { rate: "6/m", burst: 9 } }).limit?.burst).toBe(9);
  });

  it("has hosts, header names and digests in lower case", () => {
    const config = resolved({
      auth: {
        k: {
          apiKey: {
            header: "X-Key",
            keys: [{ id: "Acme", sha256: "AB".repeat(32) }],
          },
          forward: { "X-User": "id" },
        },
      },
      routes: [
        {
          path: "/A",
          host: "*.Example.COM",
          methods: ["GET"],
          match: { headers: { "X-B": "Yes" }, query: { Q: "1" } },
          to: { users: 3, canary: 0 },
          auth: "k",
        },
      ],
    });
    expect(config.auth.get("k")).toEqual({
      name: "k",
      apiKey: {
        header: "x-key",
        keys: [{ id: "Acme", sha256: "ab".repeat(32) }],
      },
      forward: [{ header: "x-user", value: "id" }],
    });
    expect(config.routes[0]).toMatchObject({
      name: "GET *.example.com/A [x-b: Yes] [?Q=1]",
      match: {
        path: "/A",
        host: "*.example.com",
        headers: { "x-b": "Yes" },
        query: { Q: "1" },
      },
      to: [
        { service: "users", weight: 3 },
        { service: "canary", weight: 0 },
      ],
      auth: "k",
    });
  });
});
