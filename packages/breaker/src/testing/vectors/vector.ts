import type { CircuitState } from "../../circuit-state.ts";

/** When a circuit opens, as plain data. Times are milliseconds. */
export type VectorTrip =
  | { readonly consecutive: number }
  | {
      readonly failureRate: number;
      readonly window: number;
      readonly minimum: number;
      readonly buckets: number;
    }
  | {
      readonly countRate: number;
      readonly last: number;
      readonly minimum: number;
    }
  | {
      readonly slowRate: number;
      readonly over: number;
      readonly window: number;
      readonly minimum: number;
      readonly buckets: number;
      readonly inFlight: boolean;
    }
  | { readonly anyOf: readonly VectorTrip[] };

/** A circuit as plain data, all of it said: the same JSON that a replay reads. Times are milliseconds. */
export interface VectorOptions {
  readonly trip: VectorTrip;
  readonly openFor:
    | number
    | {
        readonly exponential: {
          readonly initial: number;
          readonly factor: number;
          readonly max: number;
          readonly jitter: "none";
        };
      };
  readonly probes: number;
  readonly probeLease: number;
  /** Left out: a circuit that has closed lets all calls through. */
  readonly ramp?: { readonly over: number };
}

/** How a call ends. */
export type VectorOutcome = "success" | "failure" | "ignore";

/** Something done to a circuit at a moment. Moments do not go back. */
export type VectorStep = { readonly atMs: number } & (
  | {
      readonly do: "permit";
      readonly id: string;
      readonly expect: "granted" | "refused";
    }
  /** Settles the permit of that id. */
  | { readonly do: VectorOutcome; readonly id: string }
  /** So many calls one after another that take no time (1 if left out), each granted. */
  | {
      readonly do: "call";
      readonly outcome: VectorOutcome;
      readonly times?: number;
    }
  /** So many permits asked for in vain. */
  | { readonly do: "refusals"; readonly times: number }
  | { readonly do: "state"; readonly expect: CircuitState }
  | { readonly do: "isolate" | "release"; readonly id: string }
  | { readonly do: "reset" }
);

/** A requirement of a circuit breaker as plain JSON data, for implementations in any language. */
export interface BreakerVector {
  /** A sentence about the circuit, in the present tense. */
  readonly name: string;
  readonly options: VectorOptions;
  readonly steps: readonly VectorStep[];
}
