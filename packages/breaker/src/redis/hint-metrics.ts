import type { MetricFamily } from "@dp/core";

/** What became of hints, counted. */
export interface HintTally {
  published: number;
  received: number;
  readonly dropped: Record<
    "not-ready" | "backlog" | "failed" | "invalid" | "closed",
    number
  >;
}

export const createTally = (): HintTally => ({
  published: 0,
  received: 0,
  dropped: { "not-ready": 0, backlog: 0, failed: 0, invalid: 0, closed: 0 },
});

/** The metrics of one channel. */
export const hintMetrics = (
  channel: string,
  { published, received, dropped }: HintTally,
  isListening: boolean,
): MetricFamily[] => [
  {
    name: "dp_breaker_hints_published_total",
    help: "Hints that Redis has taken from this process.",
    type: "counter",
    samples: [{ labels: { channel }, value: published }],
  },
  {
    name: "dp_breaker_hints_received_total",
    help: "Hints heard of other processes.",
    type: "counter",
    samples: [{ labels: { channel }, value: received }],
  },
  {
    name: "dp_breaker_hints_dropped_total",
    help: "Hints lost: the client was not ready, too many were on their way, Redis did not take it, it was no valid hint, or the channel was closed.",
    type: "counter",
    samples: Object.entries(dropped).map(([reason, value]) => ({
      labels: { channel, reason },
      value,
    })),
  },
  {
    name: "dp_breaker_hints_listening",
    help: "1 while Redis sends this process the hints of others.",
    type: "gauge",
    samples: [{ labels: { channel }, value: isListening ? 1 : 0 }],
  },
];
