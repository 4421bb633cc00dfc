/** What a decision costs, in memory and through Redis, beside others: `pnpm bench ratelimit`, some minutes; `--quick`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { findBinary, startRedis } from "@dp/services";
import { boundsTable } from "../bounds.ts";
import { tableOf, type Row } from "../table.ts";
import {
  measureOnce,
  startMeasurer,
  takeTurns,
  type Series,
} from "../turns.ts";
import { memoryBounds, redisBounds } from "./bounds.ts";
import { memoryColumns, redisColumns } from "./columns.ts";
import { contestants } from "./memory/contestants.ts";
import { parseOptions } from "./options.ts";
import { redisContestants } from "./redis/contestants.ts";

const script = `${import.meta.dirname}/measure.ts`;
const { rounds, batches, decisions, keyCounts } = parseOptions(
  process.argv.slice(2),
);

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** A process for each, all warmed up before the first round. */
const inRounds = async (
  names: readonly string[],
  wordsFor: (name: string) => readonly string[],
): Promise<Series[]> => {
  const measurers = await Promise.all(
    names.map((name) => startMeasurer(script, ...wordsFor(name))),
  );
  try {
    return await takeTurns(measurers, rounds);
  } finally {
    for (const measurer of measurers) measurer.stop();
  }
};

/** For every contestant, with each count of keys; two at a time, because other work changes no size. */
const allBytes = async (): Promise<ReadonlyMap<string, number[]>> => {
  const bytes = new Map(contestants.map(({ name }) => [name, [] as number[]]));
  const jobs = keyCounts.flatMap((count, index) =>
    contestants.map(({ name }) => ({ name, count, index })),
  );
  const work = async (): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const { name, count, index } = job;
      const held = await measureOnce(script, "bytes", name, String(count));
      const taken = bytes.get(name) ?? [];
      taken[index] = held["bytesPerKey"] ?? NaN;
    }
  };
  await Promise.all([work(), work()]);
  return bytes;
};

const memoryRows = async (): Promise<Row[]> => {
  say(`speed in memory, ${rounds} rounds`);
  const speeds = await inRounds(
    contestants.map(({ name }) => name),
    (name) => ["speed", name, String(batches)],
  );
  say(`bytes a key, ${keyCounts.join(" / ")} keys`);
  const bytes = await allBytes();
  return contestants.map(({ name, about }, index) => ({
    name,
    about,
    series: { ...speeds[index], bytesPerKey: bytes.get(name) ?? [] },
  }));
};

/** Undefined when there is no Redis to be had. */
const redisRows = async (): Promise<Row[] | undefined> => {
  const isGiven = (process.env["DP_REDIS_URL"] ?? "") !== "";
  if (!isGiven && findBinary("redis-server") === undefined) return undefined;
  say(`through Redis, ${rounds} rounds`);
  const server = await startRedis();
  try {
    const taken = await inRounds(
      redisContestants.map(({ name }) => name),
      (name) => ["redis", name, server.url, String(decisions)],
    );
    return redisContestants.map(({ name, about }, index) => ({
      name,
      about,
      series: taken[index] ?? {},
    }));
  } finally {
    await server.stop();
  }
};

const memory = await memoryRows();
const flood = await measureOnce(script, "flood");
const redis = await redisRows();

const machine = `Node ${process.versions.node}, ${cpus()[0]?.model.trim() ?? "unknown CPU"}, ${cpus().length} cores`;
const fixed = (name: string, digits: number): string =>
  (flood[name] ?? NaN).toFixed(digits);
process.stdout.write(
  [
    `${machine}, medians of ${rounds} rounds`,
    `In memory: 10,000 keys of 20 characters, CPU time a decision; bytes with ${keyCounts.join(" / ")} keys`,
    tableOf(memory, memoryColumns),
    `Flood: 1,000,000 new keys on a store for 100,000: ${fixed("floodNs", 0)} ns a take, ${fixed("keys", 0)} keys held in ${fixed("megabytes", 1)} MB, none of 1,000 throttled keys freed`,
    boundsTable(memoryBounds, memory),
    ...(redis === undefined
      ? [
          "Through Redis: left out, because redis-server is not on this machine. Install it, or name one in DP_REDIS_URL.",
        ]
      : [
          "Through Redis: one connection of ioredis, 64 decisions in flight, all allowed; all figures a decision",
          tableOf(redis, redisColumns),
          boundsTable(redisBounds, redis),
        ]),
    "",
  ].join("\n\n"),
);
const folder = new URL("../../.results/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(
  new URL("ratelimit.json", folder),
  `${JSON.stringify({ machine, rounds, keyCounts, memory, flood, redis }, null, 2)}\n`,
);
