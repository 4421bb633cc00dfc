import { hourMs, type Contestant } from "./contestant.ts";

/** The least that can be done: a Map from key to theoretical arrival time, in floating point, with nothing bounded. */
export const bare: Contestant = {
  name: "bare",
  about: "GCRA in a Map: a boolean, unbounded",
  create: (perHour) => {
    const arrivals = new Map<string, number>();
    const step = hourMs / perHour;
    return (key) => {
      const now = performance.now();
      const known = arrivals.get(key);
      const next = (known === undefined || known < now ? now : known) + step;
      // Half a step of grace, because these sums are not exact.
      if (next - now > hourMs + step / 2) return false;
      arrivals.set(key, next);
      return true;
    };
  },
};
