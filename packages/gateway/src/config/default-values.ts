import type { BalanceName, LogConfig, RetryReason } from "./types.ts";

interface LogValues {
  readonly access: boolean;
  readonly level: NonNullable<LogConfig["level"]>;
}

/**
 * What a configuration means where it says nothing. The schema shows these values and `resolveConfig` applies them,
 * so that the two cannot differ.
 */
export const defaultValues = {
  listen: { http: "127.0.0.1:8080" },
  balance: "power-of-two" satisfies BalanceName as BalanceName,
  health: { interval: "2s", timeout: "500ms", rise: 2, fall: 3 },
  eject: { consecutive: 5, for: "30s", maxShare: "50%" },
  // One probe is enough to learn that a service is back, and one failed call is the least a probe can cost.
  breaker: {
    failureRate: "50%",
    window: "10s",
    minimum: 20,
    openFor: "5s",
    probes: 1,
  },
  // Below the 60 s and more for which common servers keep an idle connection, so that ours closes first.
  connections: { max: 256, idle: "30s" },
  apiKeyHeader: "x-api-key",
  timeout: { total: "10s", attempt: "3s", connect: "1s", idle: "60s" },
  retry: {
    attempts: 2,
    on: ["connect", "reset", 503] as readonly RetryReason[],
    budget: "20%",
    backoff: "25ms",
  },
  body: { max: "10mb" },
  // A head is at most 16 KiB: 10 s is 13 kbit/s. A reader that takes nothing for 30 s holds buffers others need.
  // 60 s between requests is what load balancers in front commonly expect to be able to reuse.
  clients: { header: "10s", write: "30s", idle: "60s" },
  drain: { grace: "0s", within: "30s" },
  log: { access: true, level: "info" } as LogValues,
} as const;
