/**
 * What working out the candidates costs in a large service: `node --conditions=@dp/source packages/discovery/bench/rebuild.ts`.
 * Ten thousand instances; one change before each rebuild, the best and the median of two hundred. Then 200 changes a
 * second, with a pick after each: the part of the time that picks take.
 */
import {
  aperture,
  discover,
  memoryRegistry,
  powerOfTwo,
  roundRobin,
  slowStart,
  subset,
  zoneAware,
  type DiscoverOptions,
} from "../src/index.ts";

const size = 10_000;
const rounds = 200;

const registry = memoryRegistry();
const instances = await Promise.all(
  Array.from({ length: size }, (_, index) =>
    registry.register({
      service: "web",
      host: "10.0.0.1",
      port: index + 1,
      priority: index % 2,
      zone: `zone-${index % 3}`,
      ttl: Infinity,
    }),
  ),
);

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

const measure = async (name: string, options: DiscoverOptions) => {
  await using view = discover(registry, "web", options);
  await view.ready();
  const took: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await instances[round]?.update({ weight: 1 + (round % 3) });
    await turn();
    const startMs = performance.now();
    // Reading what is true now rebuilds at once; a pick may put it off.
    void view.metrics();
    took.push(performance.now() - startMs);
  }
  took.sort((a, b) => a - b);
  const start = performance.now();
  let pickMs = 0;
  for (let change = 0; change < 200; change++) {
    await instances[change]?.update({ weight: 1 + (change % 3) });
    while (performance.now() < start + change * 5) await turn();
    const at = performance.now();
    view.pick().success(1);
    pickMs += performance.now() - at;
  }
  const share = (pickMs / (performance.now() - start)) * 100;
  console.log(
    `${name.padEnd(22)} best ${took[0]?.toFixed(2)} ms, median ${took[rounds / 2]?.toFixed(2)} ms, ` +
      `at 200 changes a second ${share.toFixed(1)} % of the time`,
  );
};

await measure("powerOfTwo", { balancer: powerOfTwo() });
await measure("roundRobin", { balancer: roundRobin() });
await measure("zone, slow start", {
  zone: zoneAware({ zone: "zone-1" }),
  slowStart: slowStart({ window: "30s" }),
});
await measure("subset of 20", { subset: subset({ size: 20, seed: 1 }) });
await measure("aperture of 12", { subset: aperture({ id: 3, of: 50 }) });
await registry[Symbol.asyncDispose]();
