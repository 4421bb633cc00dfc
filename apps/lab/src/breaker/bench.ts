import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { measure } from "mitata";
import { boundsTable } from "./bounds.ts";
import { idle } from "./idle.ts";
import {
  memoryTable,
  rowsOf,
  tableOf,
  type IdleRow,
  type Measured,
} from "./report.ts";
import { baselines } from "./subjects/baselines.ts";
import { cockatiel } from "./subjects/cockatiel.ts";
import { opossum } from "./subjects/opossum.ts";
import { ours } from "./subjects/ours.ts";
import { calls } from "./subjects/subject.ts";

const subjects = [...baselines, ...ours, ...cockatiel, ...opossum];
/** Rounds in which every subject has its turn, so that a busy moment of the machine hits all of them alike. */
const rounds = Number(process.argv[2] ?? 9);
const nsPerTurn = 200e6;

interface Contender extends Measured {
  readonly use: () => unknown;
  readonly rounds: number[];
}

/** Time this process has spent on a core: other work on the machine does not count. mitata asks once a batch. */
const cpuNs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
};

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const contenders: Contender[] = [];
for (const subject of subjects)
  contenders.push({
    subject,
    use: await subject.prepare(),
    rounds: [],
  });

for (let round = 1; round <= rounds; round++) {
  say(`round ${round} of ${rounds}`);
  for (const contender of contenders) {
    const before = calls.made;
    const { p50 } = await measure(contender.use, {
      now: cpuNs,
      min_cpu_time: nsPerTurn,
    });
    contender.rounds.push(p50);
    const made = calls.made - before;
    const { kind, by, name } = contender.subject;
    if (kind === "call" ? made === 0 : made > 0)
      throw new Error(`${by} ${name}: the operation ran ${made} times`);
  }
}

say("memory of idle breakers");
const memory = Object.keys(idle).map((name): IdleRow => {
  const script = fileURLToPath(new URL("memory.ts", import.meta.url));
  const printed = execFileSync(
    process.execPath,
    [...process.execArgv, "--expose-gc", script, name],
    { encoding: "utf8" },
  );
  return { name, ...(JSON.parse(printed) as Omit<IdleRow, "name">) };
});

const rows = rowsOf(contenders);
const machine = `Node ${process.versions.node}, ${cpus()[0]?.model.trim() ?? "unknown CPU"}, ${cpus().length} cores`;
process.stdout.write(
  [
    `${machine}, median of ${rounds} rounds`,
    tableOf(rows),
    boundsTable(rows),
    memoryTable(memory),
    "",
  ].join("\n\n"),
);
const folder = new URL("../../.results/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(
  new URL("breaker.json", folder),
  `${JSON.stringify({ machine, rows, memory }, null, 2)}\n`,
);
// opossum keeps timers running.
process.exit(0);
