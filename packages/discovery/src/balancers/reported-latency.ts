import type { Report } from "./balancer.ts";

/** What a report says of the latency in milliseconds; undefined if that is nothing or no latency: negative, NaN, endless. */
export const reportedLatency = ({ latencyMs }: Report): number | undefined =>
  latencyMs !== undefined && latencyMs >= 0 && latencyMs < Infinity
    ? latencyMs
    : undefined;
