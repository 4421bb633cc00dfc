import { requireDuration, requireNumber, type Duration } from "@dp/core";
import {
  resolveLimitBounds,
  type LimitAlgorithm,
  type LimitBounds,
  type LimitSample,
} from "./limit.ts";

/** How an {@link aimd} limit moves. */
export interface AimdOptions extends LimitBounds {
  /** What a drop leaves of the limit, from 0.5 to below 1. @defaultValue 0.9 */
  readonly backoffRatio?: number | undefined;
  /** A call that takes longer is a drop. At least 1 ms. @defaultValue '5s' */
  readonly timeout?: Duration | undefined;
}

/**
 * Additive increase, multiplicative decrease: one more after every call while at least half the limit is used, a tenth
 * less after every drop. The simplest, for services that say when they have too much (429, 503, timeouts).
 *
 * D. Chiu and R. Jain, _Analysis of the Increase and Decrease Algorithms for Congestion Avoidance_, 1989.
 */
export const aimd = (options: AimdOptions = {}): LimitAlgorithm => {
  const { initial, min, max } = resolveLimitBounds(options);
  const ratio = requireNumber(
    "backoffRatio",
    options.backoffRatio ?? 0.9,
    0.5,
    1 - Number.EPSILON,
  );
  const timeoutMs = requireDuration("timeout", options.timeout ?? "5s", 1);
  return new Aimd(initial, min, max, ratio, timeoutMs);
};

class Aimd implements LimitAlgorithm {
  limit: number;
  readonly #min: number;
  readonly #max: number;
  readonly #ratio: number;
  readonly #timeoutMs: number;

  constructor(
    initial: number,
    min: number,
    max: number,
    ratio: number,
    timeoutMs: number,
  ) {
    this.limit = initial;
    this.#min = min;
    this.#max = max;
    this.#ratio = ratio;
    this.#timeoutMs = timeoutMs;
  }

  sample({ rttMs, inFlight, dropped }: LimitSample): void {
    if (dropped || rttMs > this.#timeoutMs)
      this.limit = Math.max(this.#min, Math.floor(this.limit * this.#ratio));
    else if (2 * inFlight >= this.limit)
      this.limit = Math.min(this.#max, this.limit + 1);
  }
}
