import { breaker, consecutive, failureRate } from "@dp/breaker";
import {
  circuitBreaker,
  ConsecutiveBreaker,
  handleAll,
  SamplingBreaker,
} from "cockatiel";
import CircuitBreaker from "opossum";
import { operation } from "./subjects/subject.ts";

/** Options are shared, as where breakers are made by key. */
const rate = failureRate(0.5, { window: "10s", minimum: 20 });
const inARow = consecutive(5);

/** Breakers as they stand about unused. */
export const idle: Readonly<Record<string, () => unknown>> = {
  "@dp/breaker consecutive": () => breaker({ trip: inARow }),
  "@dp/breaker failureRate": () => breaker({ trip: rate }),
  "cockatiel consecutive": () =>
    circuitBreaker(handleAll, {
      halfOpenAfter: 10_000,
      breaker: new ConsecutiveBreaker(5),
    }),
  "cockatiel sampling": () =>
    circuitBreaker(handleAll, {
      halfOpenAfter: 10_000,
      breaker: new SamplingBreaker({
        threshold: 0.5,
        duration: 10_000,
        minimumRps: 2,
      }),
    }),
  opossum: () => new CircuitBreaker(operation, { timeout: false }),
};
