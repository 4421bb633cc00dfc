/** What core's pieces cost: `node --conditions=@dp/source packages/core/bench/core.ts`. One core, best of five rounds. */
import {
  createEmitter,
  durationMs,
  Histogram,
  renderPrometheus,
  seededRandom,
  systemClock,
  type MetricSource,
} from "../src/index.ts";

const best = (calls: number, run: (calls: number) => void): number => {
  let bestMs = Infinity;
  for (let round = 0; round < 5; round++) {
    const startMs = performance.now();
    run(calls);
    bestMs = Math.min(bestMs, performance.now() - startMs);
  }
  return (bestMs * 1e6) / calls;
};

const rows: [string, number][] = [];
const measure = (
  name: string,
  calls: number,
  run: (calls: number) => void,
): void => {
  rows.push([name, best(calls, run)]);
};

const values = Array.from({ length: 1_024 }, seededRandom(1));
const histogram = new Histogram();
measure("histogram.observe", 5e6, (calls) => {
  for (let call = 0; call < calls; call++)
    histogram.observe(values[call & 1_023] as number);
});

const silent = createEmitter<number>();
measure("emit, no listener", 5e6, (calls) => {
  for (let call = 0; call < calls; call++) silent.emit(call);
});

let heard = 0;
const noisy = createEmitter<number>();
noisy.on((event) => (heard += event));
measure("emit, one listener", 5e6, (calls) => {
  for (let call = 0; call < calls; call++) noisy.emit(1);
});

const random = seededRandom(1);
measure("seededRandom", 5e6, (calls) => {
  for (let call = 0; call < calls; call++) heard += random();
});

measure("durationMs('1.5s')", 1e6, (calls) => {
  for (let call = 0; call < calls; call++) heard += durationMs("1.5s");
});

measure("schedule and cancel", 2e5, (calls) => {
  for (let call = 0; call < calls; call++)
    systemClock.schedule(1_000, () => undefined)();
});

const source: MetricSource = {
  metrics: () => [
    {
      name: "dp_calls_total",
      help: "Calls.",
      type: "counter",
      samples: Array.from({ length: 1_000 }, (_, index) => ({
        labels: { route: `/route/${index}`, code: "200" },
        value: index,
      })),
    },
  ],
};
measure("render one series of 1000", 1e5, (calls) => {
  for (let call = 0; call < calls; call += 1_000) renderPrometheus([source]);
});

for (const [name, ns] of rows)
  console.log(`${name.padEnd(28)} ${ns.toFixed(0).padStart(6)} ns`);
if (heard < 0) throw new Error("never: keeps the loops alive");
