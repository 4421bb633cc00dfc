import {
  BrokenCircuitError,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleAll,
  retry,
  SamplingBreaker,
  timeout,
  TimeoutStrategy,
  wrap,
} from "cockatiel";
import { answered, fail, operation, refused, type Subject } from "./subject.ts";

const by = "cockatiel";
const consecutive = () =>
  circuitBreaker(handleAll, {
    halfOpenAfter: 10_000,
    breaker: new ConsecutiveBreaker(5),
  });
const sampling = () =>
  circuitBreaker(handleAll, {
    halfOpenAfter: 10_000,
    breaker: new SamplingBreaker({
      threshold: 0.5,
      duration: 10_000,
      minimumRps: 2,
    }),
  });

export const cockatiel: readonly Subject[] = [
  {
    name: "consecutive",
    kind: "call",
    by,
    prepare: () => {
      const policy = consecutive();
      return answered(() => policy.execute(operation));
    },
  },
  {
    name: "sampling",
    kind: "call",
    by,
    prepare: () => {
      const policy = sampling();
      return answered(() => policy.execute(operation));
    },
  },
  {
    name: "wrap(retry, sampling, timeout)",
    kind: "call",
    by,
    prepare: () => {
      const policy = wrap(
        retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff() }),
        sampling(),
        timeout(10_000, TimeoutStrategy.Aggressive),
      );
      return answered(() => policy.execute(operation));
    },
  },
  {
    name: "consecutive, open",
    kind: "refusal",
    by,
    prepare: async () => {
      const policy = circuitBreaker(handleAll, {
        halfOpenAfter: 3_600_000,
        breaker: new ConsecutiveBreaker(1),
      });
      await policy.execute(fail).catch(() => undefined);
      return refused(
        () => policy.execute(operation),
        (error) => error instanceof BrokenCircuitError,
      );
    },
  },
];
