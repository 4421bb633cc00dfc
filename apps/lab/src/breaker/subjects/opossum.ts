import CircuitBreaker from "opossum";
import { answered, operation, refused, type Subject } from "./subject.ts";

const by = "opossum";
const settings = {
  errorThresholdPercentage: 50,
  volumeThreshold: 20,
  resetTimeout: 3_600_000,
};

export const opossum: readonly Subject[] = [
  {
    name: "without timeout",
    kind: "call",
    by,
    prepare: () => {
      const circuit = new CircuitBreaker(operation, {
        ...settings,
        timeout: false,
      });
      return answered(() => circuit.fire());
    },
  },
  {
    name: "with timeout",
    kind: "call",
    by,
    prepare: () => {
      const circuit = new CircuitBreaker(operation, {
        ...settings,
        timeout: 10_000,
      });
      return answered(() => circuit.fire());
    },
  },
  {
    name: "open",
    kind: "refusal",
    by,
    prepare: () => {
      const circuit = new CircuitBreaker(operation, {
        ...settings,
        timeout: false,
      });
      circuit.open();
      return refused(
        () => circuit.fire(),
        (error) => CircuitBreaker.isOurError(error),
      );
    },
  },
];
