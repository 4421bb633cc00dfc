import type { MetricFamily } from "@dp/core";
import type { CircuitState } from "../circuit-state.ts";

/** Calls by what became of them. */
export interface BreakerTally {
  readonly success: number;
  readonly failure: number;
  readonly ignore: number;
  readonly late: number;
  readonly refused: number;
}

const outcomes: readonly (keyof BreakerTally)[] = [
  "success",
  "failure",
  "ignore",
  "late",
  "refused",
];
const states: readonly CircuitState[] = [
  "closed",
  "open",
  "half-open",
  "isolated",
];

/** The metrics of one breaker; `entered` is how often it came into each state. */
export const breakerMetrics = (
  breaker: string,
  state: CircuitState,
  calls: BreakerTally,
  entered: Readonly<Record<CircuitState, number>>,
): MetricFamily[] => [
  {
    name: "dp_breaker_calls_total",
    help: "Calls by what became of them: counted as success or failure, ignored, settled too late to count, or refused.",
    type: "counter",
    samples: outcomes.map((outcome) => ({
      labels: { breaker, outcome },
      value: calls[outcome],
    })),
  },
  {
    name: "dp_breaker_state",
    help: "1 for the state the circuit is in, 0 for the others.",
    type: "gauge",
    samples: states.map((each) => ({
      labels: { breaker, state: each },
      value: each === state ? 1 : 0,
    })),
  },
  {
    name: "dp_breaker_transitions_total",
    help: "How often the circuit changed to each state.",
    type: "counter",
    samples: states.map((to) => ({
      labels: { breaker, to },
      value: entered[to],
    })),
  },
];
