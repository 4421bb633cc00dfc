import {
  breaker,
  consecutive,
  failureRate,
  pipeline,
  ResilienceError,
  retry,
  timeout,
  type CircuitBreaker,
} from "@dp/breaker";
import { answered, fail, operation, refused, type Subject } from "./subject.ts";

const by = "@dp/breaker";
const rate = failureRate(0.5, { window: "10s", minimum: 20 });

const opened = async (): Promise<CircuitBreaker> => {
  const circuit = breaker({ trip: consecutive(1), openFor: "1h" });
  await circuit.run(fail).catch(() => undefined);
  return circuit;
};

const permitted = (circuit: CircuitBreaker) => () => {
  const permit = circuit.tryPermit();
  if (permit === undefined) throw new Error("refused");
  permit.success();
};

export const ours: readonly Subject[] = [
  {
    name: "breaker consecutive",
    kind: "call",
    by,
    prepare: () => {
      const circuit = breaker({ trip: consecutive(5) });
      return answered(() => circuit.run(operation));
    },
  },
  {
    name: "breaker failureRate",
    kind: "call",
    by,
    prepare: () => {
      const circuit = breaker({ trip: rate });
      return answered(() => circuit.run(operation));
    },
  },
  {
    name: "permit consecutive",
    kind: "permit",
    by,
    prepare: () => permitted(breaker({ trip: consecutive(5) })),
  },
  {
    name: "permit failureRate",
    kind: "permit",
    by,
    prepare: () => permitted(breaker({ trip: rate })),
  },
  {
    name: "pipeline(breaker)",
    kind: "call",
    by,
    prepare: () => {
      const guarded = pipeline(breaker({ trip: rate }));
      return answered(() => guarded.run(operation));
    },
  },
  {
    name: "pipeline(retry, breaker, timeout)",
    kind: "call",
    by,
    prepare: () => {
      const guarded = pipeline(
        retry(),
        breaker({ trip: rate }),
        timeout("10s"),
      );
      return answered(() => guarded.run(operation));
    },
  },
  {
    name: "breaker open, run",
    kind: "refusal",
    by,
    prepare: async () => {
      const circuit = await opened();
      return refused(
        () => circuit.run(operation),
        (error) => ResilienceError.is(error) && error.kind === "open",
      );
    },
  },
  {
    name: "breaker open, tryPermit",
    kind: "refusal",
    by,
    prepare: async () => {
      const circuit = await opened();
      return () => {
        if (circuit.tryPermit() !== undefined) throw new Error("not refused");
      };
    },
  },
];
