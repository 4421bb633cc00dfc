import type { Instance, Metadata } from "../instance.ts";
import {
  resolveHealthTiming,
  resolveHttpHealth,
  type HealthTiming,
  type HttpHealthOptions,
} from "./health-options.ts";
import type { HealthCheck } from "./check.ts";
import { probeHttp } from "./http.ts";

/**
 * Makers of active health checks, for the `health` option of `discover`. The first result on an instance decides at
 * once; later it takes `rise` or `fall` in a row, so that one lost packet does not move traffic. Each view runs its own.
 */
export const healthCheck: {
  /**
   * Healthy if `GET path` is answered with a status from 200 to 299 in time. One connection per check, closed when the
   * head of the answer is there; the body is not read.
   */
  http(options?: HttpHealthOptions): HealthCheck;
  /** Healthy if `check` resolves in time. It should let go of what it holds when its signal aborts. */
  custom<M = Metadata>(
    check: (instance: Instance<M>, signal: AbortSignal) => Promise<void>,
    options?: HealthTiming,
  ): HealthCheck<M>;
} = {
  http(options = {}) {
    const { path, ...timing } = resolveHttpHealth(options);
    return {
      ...timing,
      check: (instance, signal) => probeHttp(instance, path, signal),
    };
  },
  custom: (check, options = {}) => ({
    ...resolveHealthTiming(options),
    check,
  }),
};
