import { systemClock } from "@dp/core";
import { answered, operation, refused, type Subject } from "./subject.ts";

export const baselines: readonly Subject[] = [
  {
    name: "no guard",
    kind: "call",
    by: "baseline",
    prepare: () => answered(operation),
  },
  {
    name: "minimal async wrapper",
    kind: "call",
    by: "baseline",
    prepare: () => {
      const wrapper = async (call: () => Promise<number>): Promise<number> => {
        try {
          return await call();
        } catch (error) {
          throw error as Error;
        }
      };
      return answered(() => wrapper(operation));
    },
  },
  {
    name: "a rejection, no guard",
    kind: "refusal",
    by: "baseline",
    prepare: () => {
      const down = new Error("down");
      return refused(
        () => Promise.reject(down),
        (error) => error === down,
      );
    },
  },
  {
    name: "a look at the clock",
    kind: "permit",
    by: "baseline",
    prepare: () => () => {
      if (!(systemClock.now() > 0)) throw new Error("no clock");
    },
  },
];
