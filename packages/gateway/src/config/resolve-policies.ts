import { durationMs } from "@dp/core";
import { defaultValues } from "./default-values.ts";
import type {
  ResolvedLimit,
  ResolvedRetry,
  ResolvedTimeout,
} from "./resolved.ts";
import type {
  BodyConfig,
  LimitConfig,
  RetryConfig,
  TimeoutConfig,
} from "./types.ts";
import { percentShare, rateParts, sizeBytes } from "./units.ts";

// A route's policy is taken key by key: the route's own, else that of `defaults`, else the built-in one.

export const resolveTimeout = (
  own: TimeoutConfig | undefined,
  shared: TimeoutConfig | undefined,
): ResolvedTimeout => {
  const ms = (key: keyof TimeoutConfig): number =>
    durationMs(own?.[key] ?? shared?.[key] ?? defaultValues.timeout[key]);
  const totalMs = ms("total");
  const attemptMs = Math.min(ms("attempt"), totalMs);
  const connectMs = Math.min(ms("connect"), attemptMs);
  return { totalMs, attemptMs, connectMs, idleMs: ms("idle") };
};

export const resolveRetry = (
  own: RetryConfig | undefined,
  shared: RetryConfig | undefined,
): ResolvedRetry => {
  const fallback = defaultValues.retry;
  const on = own?.on ?? shared?.on ?? fallback.on;
  return {
    attempts: own?.attempts ?? shared?.attempts ?? fallback.attempts,
    onConnect: on.includes("connect"),
    onReset: on.includes("reset"),
    onTimeout: on.includes("timeout"),
    onStatus: on.filter((reason) => typeof reason === "number"),
    budget: percentShare(own?.budget ?? shared?.budget ?? fallback.budget),
    backoffMs: durationMs(own?.backoff ?? shared?.backoff ?? fallback.backoff),
  };
};

export const resolveBodyMax = (
  own: BodyConfig | undefined,
  shared: BodyConfig | undefined,
): number => sizeBytes(own?.max ?? shared?.max ?? defaultValues.body.max);

export const resolveLimit = (limit: LimitConfig): ResolvedLimit => {
  const { limit: count, perMs } = rateParts(limit.rate);
  const by = limit.by ?? "ip";
  return {
    limit: count,
    perMs,
    burst: limit.burst ?? count,
    by: isHeaderKey(by)
      ? { kind: "header", header: by.slice("header:".length).toLowerCase() }
      : { kind: by },
  };
};

const isHeaderKey = (key: string): key is `header:${string}` =>
  key.startsWith("header:");
