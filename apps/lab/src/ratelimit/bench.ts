/** What a decision costs in this process's memory, beside others: `pnpm bench ratelimit`. Takes about a minute. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { contestants } from "./contestants.ts";

const run = (...words: string[]): unknown => {
  const file = join(import.meta.dirname, "measure.ts");
  const child = spawnSync(
    process.execPath,
    [...process.execArgv, file, ...words],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  );
  if (child.status !== 0) throw new Error(`${words.join(" ")} failed`);
  return JSON.parse(child.stdout);
};

interface Speed {
  readonly allowedNs: number;
  readonly refusedNs: number;
}

interface Memory {
  readonly bytesPerKey: number;
}

interface Flood {
  readonly floodNs: number;
  readonly megabytes: number;
  readonly keys: number;
}

const rounds = 3;
/** Held keys: just above a power of two, where tables have just doubled, and where they are well filled. */
const keyCounts = [135_000, 260_000] as const;

const least = (values: readonly number[]): number => Math.min(...values);

// Each in turn, several times over, so that a noisy moment does not fall on one of them alone.
const speeds = new Map<string, Speed[]>();
for (let round = 0; round < rounds; round++)
  for (const { name } of contestants)
    speeds.set(name, [
      ...(speeds.get(name) ?? []),
      run(name, "speed") as Speed,
    ]);

const rows = contestants.map(({ name, about }) => {
  const taken = speeds.get(name) ?? [];
  return {
    name,
    about,
    allowedNs: least(taken.map(({ allowedNs }) => allowedNs)),
    refusedNs: least(taken.map(({ refusedNs }) => refusedNs)),
    bytesPerKey: keyCounts.map(
      (count) => (run(name, "memory", String(count)) as Memory).bytesPerKey,
    ),
  };
});
const flood = run("flood") as Flood;

const [base] = rows;
if (base === undefined) throw new Error("no contestants");
const table = [
  ["", "allowed", "", "refused", "", "bytes a key", "what it gives"],
  ...rows.map((row) => [
    row.name,
    `${row.allowedNs.toFixed(0)} ns`,
    `${(row.allowedNs / base.allowedNs).toFixed(1)}x`,
    `${row.refusedNs.toFixed(0)} ns`,
    `${(row.refusedNs / base.refusedNs).toFixed(1)}x`,
    row.bytesPerKey.map((bytes) => bytes.toFixed(0)).join(" / "),
    row.about,
  ]),
];
const widths = table[0]?.map((_, column) =>
  Math.max(...table.map((line) => line[column]?.length ?? 0)),
);
console.log(
  `10,000 keys of 20 characters; CPU ns a decision, best of ${rounds} x 25 batches of 20,000; bytes with ${keyCounts.join(" / ")} keys`,
);
for (const line of table)
  console.log(
    line
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
console.log(
  `flood: 1,000,000 new keys on a store for 100,000: ${flood.floodNs.toFixed(0)} ns a take, ` +
    `${flood.keys} keys held in ${flood.megabytes.toFixed(1)} MB, none of 1,000 throttled keys freed`,
);

const folder = join(import.meta.dirname, "../../.results");
mkdirSync(folder, { recursive: true });
const file = join(folder, "ratelimit.json");
const machine = { cpu: cpus()[0]?.model, cores: cpus().length };
writeFileSync(
  file,
  `${JSON.stringify({ node: process.version, machine, rounds, keyCounts, rows, flood }, undefined, 2)}\n`,
);
console.log(`written to ${file}`);
