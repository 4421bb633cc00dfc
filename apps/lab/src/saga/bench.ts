/** Three steps that do nothing, on SQLite and in memory, beside a bare journal: `pnpm bench saga`. About a minute. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { memoryStore } from "@dp/saga";
import { sqliteStore } from "@dp/saga/sqlite";
import { countStatements } from "./counting.ts";
import { commitsOf, engineOn } from "./engine.ts";
import { floorOf } from "./floor.ts";
import { ratioOf, tableOf, type Figures } from "./report.ts";
import { median } from "../statistics.ts";
import type { Subject } from "./subject.ts";

const rounds = 5;
/** In flight, and how many sagas a round. */
const loads = [
  [1, 2_000],
  [32, 20_000],
  [256, 40_000],
] as const;
/** The bound the engine promises, at 256 in flight. */
const bound = 0.35;

const folder = mkdtempSync(join(tmpdir(), "dp-bench-saga-"));
let files = 0;
const newFile = (): string => join(folder, `${++files}.db`);

const commits = await commitsOf(sqliteStore(newFile()));
const makers: readonly (() => Promise<Subject>)[] = [
  () => Promise.resolve(floorOf(newFile(), commits)),
  () => engineOn("@dp/saga, sqlite", sqliteStore(newFile())),
  () => engineOn("@dp/saga, memory", memoryStore()),
];

let ids = 0;

/** Keeps so many in flight until all have ended; each one is checked. */
const load = async (
  { run }: Subject,
  inFlight: number,
  total: number,
): Promise<{ readonly rate: number; readonly latency: number }> => {
  const tookMs: number[] = [];
  let left = total;
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) {
        const fromMs = performance.now();
        await run(`run-${++ids}`);
        tookMs.push(performance.now() - fromMs);
      }
    }),
  );
  const seconds = (performance.now() - startMs) / 1_000;
  return { rate: total / seconds, latency: median(tookMs) };
};

const measured: Figures[] = [];
for (const [inFlight, total] of loads) {
  const taken = makers.map(() => ({
    name: "",
    rates: [] as number[],
    latencies: [] as number[],
  }));
  // Each in turn, several times over: a slow moment of the machine does not fall on one of them alone.
  for (let round = -1; round < rounds; round++)
    for (const [at, make] of makers.entries()) {
      const subject = await make();
      await load(subject, inFlight, Math.ceil(total / 4));
      const { rate, latency } = await load(subject, inFlight, total);
      await subject.close();
      const to = taken[at];
      if (to === undefined) continue;
      to.name = subject.name;
      // The first round warms up.
      if (round < 0) continue;
      to.rates.push(rate);
      to.latencies.push(latency);
    }
  for (const [at, make] of makers.entries()) {
    const subject = await make();
    const counted = countStatements();
    await load(subject, inFlight, 1_000);
    counted.end();
    await subject.close();
    const hasFile = counted.statements > 0;
    measured.push({
      ...(taken[at] ?? { name: subject.name, rates: [], latencies: [] }),
      inFlight,
      statements: hasFile ? counted.statements / 1_000 : undefined,
      commits: hasFile ? counted.commits / 1_000 : undefined,
    });
  }
}
rmSync(folder, { recursive: true });

console.log(tableOf(measured));
const sqlite = measured.find(
  ({ name, inFlight }) => name === "@dp/saga, sqlite" && inFlight === 256,
);
const floor = measured.find(
  ({ name, inFlight }) => name === "bare journal" && inFlight === 256,
);
if (sqlite === undefined || floor === undefined)
  throw new Error("nothing was measured at 256 in flight");
const ratio = ratioOf(sqlite, measured);
console.log(
  `\nThe bare journal writes the same rows in the same ${commits.length} commits a saga: ${Math.round(median(floor.rates)).toLocaleString("en")}/s at 256 in flight (44,245/s in an earlier measurement of journal rows alone).`,
);
console.log(
  `SQLite at 256 in flight is ${ratio.toFixed(2)}x of it, at least ${bound}x is promised: ${ratio >= bound ? "held" : "NOT held"}.`,
);

const results = join(import.meta.dirname, "../../.results");
mkdirSync(results, { recursive: true });
const file = join(results, "saga.json");
const machine = { cpu: cpus()[0]?.model, cores: cpus().length };
writeFileSync(
  file,
  `${JSON.stringify({ node: process.version, machine, rounds, measured }, undefined, 2)}\n`,
);
console.log(`written to ${file}`);
