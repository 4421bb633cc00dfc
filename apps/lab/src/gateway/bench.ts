import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { requireProgram } from "./binaries.ts";
import { parseOptions, usage, type BenchOptions } from "./options.ts";
import { cores, Processes } from "./processes.ts";
import type { Proxy } from "./proxies/proxy.ts";
import { proxies } from "./proxies/proxies.ts";
import { rowOf, thresholds, type Outcome, type Row } from "./results.ts";
import { renderTable } from "./table.ts";
import {
  startContender,
  takeTurn,
  warmUp,
  type Contender,
  type Turn,
} from "./turn.ts";
import { startUpstream } from "./upstream.ts";

const resultsFile = fileURLToPath(
  new URL("../../.results/gateway.json", import.meta.url),
);

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Moves this process off the proxies' core; throws when the machine has not both cores to give. */
const leaveProxyCore = (): void => {
  const taskset = requireProgram("taskset");
  for (const core of [cores.proxy, cores.load])
    execFileSync(taskset, ["-acp", String(core), String(process.pid)], {
      stdio: ["ignore", "ignore", "inherit"],
    });
};

class Bench {
  readonly #options: BenchOptions;
  readonly #processes: Processes;
  readonly #folder: string;
  readonly #outcomes = new Map<Proxy, Outcome>();
  readonly #turns = new Map<Proxy, Turn[]>();

  constructor(options: BenchOptions, processes: Processes, folder: string) {
    this.#options = options;
    this.#processes = processes;
    this.#folder = folder;
  }

  async run(): Promise<readonly Row[]> {
    const { only, entry, rounds } = this.#options;
    const chosen = proxies(entry).filter(
      ({ name }) => only?.includes(name) ?? true,
    );
    const upstreamPort = await startUpstream(this.#processes, this.#folder);
    const contenders: Contender[] = [];
    for (const proxy of chosen) {
      const reason = proxy.missing();
      if (reason !== undefined) {
        this.#outcomes.set(proxy, { state: "missing", reason });
        continue;
      }
      await this.#orInvalid(proxy, async () => {
        contenders.push(
          await startContender(
            proxy,
            this.#processes,
            this.#folder,
            upstreamPort,
          ),
        );
      });
    }
    for (let round = 1; round <= rounds; round += 1)
      for (const contender of contenders) await this.#turn(contender, round);
    return chosen.map((proxy) =>
      rowOf(
        proxy,
        this.#outcomes.get(proxy) ?? {
          state: "measured",
          turns: this.#turns.get(proxy) ?? [],
        },
      ),
    );
  }

  async #turn(contender: Contender, round: number): Promise<void> {
    const { proxy, running } = contender;
    if (this.#outcomes.has(proxy)) return;
    const turns = this.#turns.get(proxy) ?? [];
    this.#turns.set(proxy, turns);
    await this.#orInvalid(proxy, async () => {
      if (round === 1) await warmUp(contender, this.#processes);
      const turn = await takeTurn(
        contender,
        this.#processes,
        this.#options.seconds,
      );
      turns.push(turn);
      say(
        `round ${round} of ${this.#options.rounds}  ${proxy.name.padEnd(12)} ${turn.cpuUsPerRequest.toFixed(1)} us/request`,
      );
    });
    if (this.#outcomes.has(proxy)) await running.stop();
  }

  async #orInvalid(proxy: Proxy, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#outcomes.set(proxy, { state: "invalid", reason });
      say(`${proxy.name}: ${reason}`);
    }
  }
}

const writeResults = (options: BenchOptions, rows: readonly Row[]): void => {
  mkdirSync(join(resultsFile, ".."), { recursive: true });
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    kernel: release(),
    node: process.version,
  };
  const results = { machine, options, rows, thresholds: thresholds(rows) };
  writeFileSync(resultsFile, `${JSON.stringify(results, undefined, 2)}\n`);
};

const measure = async (options: BenchOptions): Promise<void> => {
  leaveProxyCore();
  const folder = mkdtempSync(join(tmpdir(), "dp-bench-gateway-"));
  const processes = new Processes(folder);
  process.once("exit", () => {
    processes.killAll();
    rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => process.exit(130));
  const rows = await new Bench(options, processes, folder).run();
  await processes.stopAll();
  writeResults(options, rows);
  console.log(renderTable(rows));
  process.exit(rows.some(({ outcome }) => outcome.state === "invalid") ? 1 : 0);
};

const readOptions = (): BenchOptions | undefined => {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n`);
    say(usage);
    process.exit(2);
  }
};

const options = readOptions();
if (options === undefined) process.stdout.write(usage);
else
  await measure(options).catch((error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exit(1);
  });
