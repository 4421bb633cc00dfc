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
for (const size of [10, 100])
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
console.log("balancer      10 instances  100 instances");
for (const [name, factory] of Object.entries(factories)) {
  const ten = await measure(factory(), 10);
  const hundred = await measure(factory(), 100);
  console.log(
    `${name.padEnd(12)}  ${ten.toFixed(0).padStart(9)} ns  ${hundred.toFixed(0).padStart(10)} ns`,
  );
}
await registry[Symbol.asyncDispose]();
