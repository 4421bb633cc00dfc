import { DpError } from "../errors.ts";

/**
 * A simulated run failed (`cause` is what the program threw), stood still or never ended. `trace` holds what led
 * there; the message names the seed to replay and shows the last twenty steps. Code `DP_SIMULATION`.
 */
export class SimulationError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/core.SimulationError",
  );
  readonly seed: number;
  readonly trace: readonly string[];

  constructor(
    seed: number,
    trace: readonly string[],
    why: string,
    options?: ErrorOptions,
  ) {
    const shown = trace.slice(-20);
    super(
      "DP_SIMULATION",
      `seed ${seed}: ${why}; the last ${shown.length} of ${trace.length} steps:\n  ${shown.join("\n  ")}`,
      options,
    );
    this.seed = seed;
    this.trace = trace;
  }
}
