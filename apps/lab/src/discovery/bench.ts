/** What a pick, a table and a change cost, beside others: `pnpm bench discovery`, three minutes; `--quick`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { findBinary, startEtcd } from "@dp/services";
import { boundsTable } from "../bounds.ts";
import { tableOf, type Row } from "../table.ts";
import {
  measureOnce,
  type Measurer,
  startMeasurer,
  takeTurns,
  type Figures,
} from "../turns.ts";
import { pickBounds } from "./bounds.ts";
import {
  buildColumns,
  heldColumns,
  lagColumns,
  peerColumns,
  pickColumns,
} from "./columns.ts";
import { parseOptions } from "./options.ts";
import { balancers } from "./picks/balancers.ts";
import { contestants, peers } from "./picks/contestants.ts";

const script = `${import.meta.dirname}/measure.ts`;
const { rounds, msPerFigure, lagSeconds } = parseOptions(process.argv.slice(2));
const newcomerPicks = 100_000;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const once = (name: string, about: string, figures: Figures): Row => ({
  name,
  about,
  series: Object.fromEntries(
    Object.entries(figures).map(([figure, value]) => [figure, [value]]),
  ),
});

/** A process for each, all warmed up before the first round. */
const pickRows = async (): Promise<Row[]> => {
  say(`picks, ${rounds} rounds`);
  const jobs = [
    ...contestants.map(({ name }) => ({ scenario: "pick", name })),
    ...balancers.map(({ name }) => ({ scenario: "alone", name })),
  ];
  const measurers: Measurer[] = [];
  for (const { scenario, name } of jobs)
    measurers.push(
      await startMeasurer(script, scenario, name, String(msPerFigure)),
    );
  try {
    const taken = await takeTurns(measurers, rounds);
    return contestants.map(({ name, about }, index) => ({
      name,
      about,
      // Ours come first in both lists; the calls beside the picks are those of the view's process.
      series: { ...taken[contestants.length + index], ...taken[index] },
    }));
  } finally {
    for (const measurer of measurers) measurer.stop();
  }
};

const onceForEach = async (...words: readonly string[]): Promise<Row[]> => {
  const [scenario = "", ...rest] = words;
  say(scenario);
  const rows: Row[] = [];
  for (const { name } of balancers)
    rows.push(
      once(name, "", await measureOnce(script, scenario, name, ...rest)),
    );
  return rows;
};

/** Undefined when there is no etcd to be had. */
const etcdLag = async (): Promise<Row | undefined> => {
  const isGiven = (process.env["DP_ETCD_URL"] ?? "") !== "";
  if (!isGiven && findBinary("etcd") === undefined) return undefined;
  const server = await startEtcd();
  const words = [server.url, String(lagSeconds)];
  try {
    const writer = await startMeasurer(script, "write-etcd", ...words);
    const follower = await startMeasurer(script, "lag-etcd", ...words);
    const [followed, { written = NaN }] = await Promise.all([
      follower.turn(),
      writer.turn(),
    ]);
    writer.stop();
    follower.stop();
    const about = "written by another process; with how long a put takes";
    return once("etcd", about, { ...followed, written });
  } finally {
    await server.stop();
  }
};

const lagRows = async (): Promise<Row[]> => {
  say(`changes, ${lagSeconds} s each`);
  const memory = await measureOnce(script, "lag-memory", String(lagSeconds));
  const etcd = await etcdLag();
  const rows = [once("memoryRegistry", "written in the same process", memory)];
  return etcd === undefined ? rows : [...rows, etcd];
};

const picks = await pickRows();
const builds = await onceForEach("build", String(msPerFigure * 2));
const held = await onceForEach("held");
const newcomers = await measureOnce(script, "newcomer", String(newcomerPicks));
const lags = await lagRows();

const machine = `Node ${process.versions.node}, ${cpus()[0]?.model.trim() ?? "unknown CPU"}, ${cpus().length} cores`;
const ours = picks.slice(0, balancers.length);
process.stdout.write(
  [
    `${machine}, medians of ${rounds} rounds`,
    "Pick and report, 50 in flight, nanoseconds of CPU a pick: through a view, and the balancer alone",
    tableOf(ours, pickColumns),
    boundsTable(pickBounds, picks),
    `Others, the same, without what ours do in a view; ${peers.length} of them`,
    tableOf(picks.slice(balancers.length), peerColumns),
    `An eleventh instance joins ten that all know well; of ${newcomerPicks} picks it gets (its share is ${Math.round(newcomerPicks / 11)}): ${Object.entries(
      newcomers,
    )
      .map(([name, picked]) => `${name} ${picked}`)
      .join(", ")}`,
    "Update of a balancer, milliseconds of CPU",
    tableOf(builds, buildColumns),
    `A view of 10,000 instances: bytes an instance, beside ${(held[0]?.series["registryBytes"]?.[0] ?? NaN).toFixed(0)} that the registry in memory holds`,
    tableOf(held, heldColumns),
    "10,000 instances, 200 changes a second: until the next pick sees a change, and what following takes",
    tableOf(lags, lagColumns),
    ...(lags.length > 1
      ? []
      : [
          "Through etcd: left out, because etcd is not on this machine. Install it, or name one in DP_ETCD_URL.",
        ]),
    "",
  ].join("\n\n"),
);
const folder = new URL("../../.results/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(
  new URL("discovery.json", folder),
  `${JSON.stringify({ machine, rounds, picks, builds, held, newcomers, lags }, null, 2)}\n`,
);
