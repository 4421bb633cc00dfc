import type { GatewayConfig } from "@dp/gateway";

const health = {
  path: "/healthz",
  interval: "500ms",
  timeout: "400ms",
  rise: 1,
  fall: 2,
} as const;

/** For what an order does: it repeats itself what may have arrived. The gateway repeats only what surely was not done. */
const onlyNotDone = { attempts: 3, on: ["connect", 503] } as const;

/** What the demo's gateway does: three services from the registry, each with another kind of guard around it. */
export const gatewayConfig = (listen: {
  readonly http: number;
  readonly admin: number;
}): GatewayConfig => ({
  listen: {
    http: `127.0.0.1:${listen.http}`,
    admin: `127.0.0.1:${listen.admin}`,
  },
  services: {
    catalog: {
      discover: "catalog",
      health,
      eject: { consecutive: 3, for: "10s", maxShare: "50%" },
      breaker: { failureRate: "60%", openFor: "2s" },
    },
    orders: {
      discover: "orders",
      health,
      // Node accepts one connection a turn of its event loop, and a turn of the orders process waits for the disk: when it
      // comes back, a crowd of new connections would take seconds.
      connections: { max: 32 },
      breaker: { failureRate: "60%", openFor: "2s" },
    },
    payments: {
      discover: "payments",
      health,
      // When payments are slow all of them are: the breaker gives them rest, ejecting one would double the other's load.
      eject: false,
      breaker: {
        failureRate: "50%",
        window: "10s",
        minimum: 10,
        openFor: "3s",
        probes: 1,
      },
    },
  },
  defaults: {
    timeout: { total: "5s", attempt: "2s", connect: "500ms" },
    retry: { attempts: 3, on: ["connect", "reset", 503], budget: "20%" },
  },
  routes: [
    { path: "/catalog/**", to: "catalog" },
    {
      path: "/orders/**",
      to: "orders",
      limit: { rate: "10/s", burst: 20, by: "header:x-client" },
    },
    { path: "/payments/**", to: "payments", timeout: { attempt: "1s" } },
    { path: "/catalog/reservations/:key", to: "catalog", retry: onlyNotDone },
    {
      path: "/payments/charges/:key",
      to: "payments",
      timeout: { attempt: "1s" },
      retry: onlyNotDone,
    },
  ],
  drain: { within: "10s" },
  log: { access: false },
});
