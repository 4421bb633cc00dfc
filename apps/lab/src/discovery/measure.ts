/** `measure.ts <scenario> …`, forked by the benchmark: see {@link serveTurns}. */
import { named } from "../table.ts";
import { serveTurns, type Turn } from "../turns.ts";

// Each loads what it needs and no more.
const scenarios: Readonly<
  Record<string, (...words: string[]) => Promise<Turn>>
> = {
  pick: async (name = "", ms) => {
    const { speedOfContestant } =
      await import("./picks/speed-of-contestant.ts");
    return speedOfContestant(name, Number(ms));
  },
  alone: async (name = "", ms) => {
    const { speedAlone } = await import("./picks/speed-of-contestant.ts");
    return speedAlone(name, Number(ms));
  },
  build: async (name = "", ms) =>
    (await import("./builds.ts")).buildsOf(name, Number(ms)),
  held: async (name = "") => {
    const { heldBy } = await import("./held.ts");
    return () => heldBy(name);
  },
  newcomer: async (picks) => {
    const { newcomers } = await import("./picks/newcomer.ts");
    return () => Promise.resolve(newcomers(Number(picks)));
  },
  "lag-memory": async (seconds) =>
    (await import("./lag/lags.ts")).memoryLag(Number(seconds)),
  "lag-etcd": async (url = "", seconds) =>
    (await import("./lag/lags.ts")).etcdLag(url, Number(seconds)),
  "write-etcd": async (url = "", seconds) =>
    (await import("./lag/lags.ts")).etcdWriter(url, Number(seconds)),
};

const [scenario = "", ...words] = process.argv.slice(2);
serveTurns(
  await named(
    Object.entries(scenarios).map(([name, start]) => ({ name, start })),
    scenario,
  ).start(...words),
);
