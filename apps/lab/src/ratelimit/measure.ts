/** `measure.ts <scenario> …`, forked by the benchmark: says when it is ready, and measures once whenever it is told to. */
import { named } from "../table.ts";
import { serveTurns, type Turn } from "../turns.ts";

const inMemory = async (name: string) => {
  const { contestants } = await import("./memory/contestants.ts");
  return named(contestants, name);
};

// Each loads what it needs and no more.
const scenarios: Readonly<
  Record<string, (name: string, ...words: string[]) => Promise<Turn>>
> = {
  speed: async (name, batches) => {
    const { speedOf } = await import("./memory/speed.ts");
    return speedOf(await inMemory(name), Number(batches));
  },
  bytes: async (name, count) => {
    const { bytesOf } = await import("./memory/held.ts");
    const contestant = await inMemory(name);
    return () => bytesOf(contestant, Number(count));
  },
  flood: async () => (await import("./memory/held.ts")).flood,
  redis: async (name, url = "", decisions) => {
    const { connectTo, redisLoadOf } = await import("./redis/load.ts");
    const { redisContestants } = await import("./redis/contestants.ts");
    const contestant = named(redisContestants, name);
    const connections = await connectTo(url, contestant);
    return redisLoadOf(contestant, connections, Number(decisions));
  },
};

const [scenario = "", name = "", ...words] = process.argv.slice(2);
const turn = await scenarios[scenario]?.(name, ...words);
if (turn === undefined)
  throw new Error(`forked with one of: ${Object.keys(scenarios).join(", ")}`);
serveTurns(turn);
