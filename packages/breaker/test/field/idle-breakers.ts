/**
 * Opens breakers among ten thousand and counts the timers that takes, then makes a few calls with timeouts. There is
 * nothing left to do at the end: that the process ends by itself is what `load.test.ts` looks for.
 */
import {
  breaker,
  consecutive,
  pipeline,
  retry,
  slowRate,
  timeout,
} from "../../src/index.ts";

let timers = 0;
const { setTimeout, setInterval } = globalThis;
Object.assign(globalThis, {
  setTimeout: (...args: Parameters<typeof setTimeout>) => {
    timers++;
    return setTimeout(...args);
  },
  setInterval: (...args: Parameters<typeof setInterval>) => {
    timers++;
    return setInterval(...args);
  },
});

const kinds = [
  { trip: consecutive(1), openFor: "1h" },
  { trip: consecutive(1), openFor: 0 },
  { trip: slowRate(0.5, { over: "1h", window: "1h", minimum: 1 }) },
] as const;
const breakers = Array.from({ length: 10_000 }, (_, index) =>
  breaker({ name: `service ${index}`, ...kinds[index % 3] }),
);
for (const each of breakers) each.permit().failure();
const permits = breakers.map((each) => each.tryPermit());
const inState = (wanted: string): number =>
  breakers.filter(({ state }) => state === wanted).length;
const found = { open: inState("open"), probing: inState("half-open"), timers };

await pipeline(retry(), timeout("1h")).run(() => permits.length);
await pipeline(retry(), timeout("1h")).try(() =>
  Promise.reject(new Error("down")),
);
const alive = process
  .getActiveResourcesInfo()
  .filter((resource) => resource === "Timeout" || resource === "Immediate");
console.log(JSON.stringify({ ...found, alive }));
