/**
 * What a pick with its report costs: `node --conditions=@dp/source packages/discovery/bench/pick.ts`.
 * One core, best of fifty short rounds, 50 leases in flight all the time.
 */
import {
  discover,
  leastRequest,
  memoryRegistry,
  outlierDetection,
  powerOfTwo,
  random,
  roundRobin,
  type Balancer,
  type Lease,
} from "../src/index.ts";

const picks = 100_000;
const inFlight = 50;

const registry = memoryRegistry();
for (const size of [10, 100, 1000])
  for (let port = 1; port <= size; port++)
    await registry.register({
      service: `of-${size}`,
      host: "10.0.0.1",
      port,
      ttl: Infinity,
    });

/** Nanoseconds for one pick and the report on the lease picked 50 picks before. */
const measure = async (balancer: Balancer, size: number): Promise<number> => {
  await using view = discover(registry, `of-${size}`, {
    balancer,
    outlier: outlierDetection(),
  });
  await view.ready({ minimum: size });
  const held: Lease[] = Array.from({ length: inFlight }, () => view.pick());
  let best = Infinity;
  for (let round = 0; round < 50; round++) {
    const startMs = performance.now();
    for (let pick = 0; pick < picks; pick++) {
      const slot = pick % inFlight;
      held[slot]?.success(1);
      held[slot] = view.pick();
    }
    best = Math.min(best, performance.now() - startMs);
  }
  return (best * 1e6) / picks;
};

const factories = { powerOfTwo, leastRequest, roundRobin, random };
/** Nanoseconds for awaiting an async function that does nothing: what a request costs at the very least. */
const bare = async (): Promise<number> => {
  let best = Infinity;
  for (let round = 0; round < 50; round++) {
    const startMs = performance.now();
    for (let call = 0; call < picks; call++) await (async () => {})();
    best = Math.min(best, performance.now() - startMs);
  }
  return (best * 1e6) / picks;
};

console.log("balancer      10 instances  100 instances  1000 instances");
for (const [name, factory] of Object.entries(factories)) {
  let line = name.padEnd(12);
  for (const [size, width] of [
    [10, 11],
    [100, 12],
    [1000, 13],
  ] as const)
    line += `${(await measure(factory(), size)).toFixed(0).padStart(width)} ns`;
  console.log(line);
}
console.log(`await of an async function: ${(await bare()).toFixed(0)} ns`);
await registry[Symbol.asyncDispose]();
