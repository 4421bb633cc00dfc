/** `measure.ts <scenario> …`, forked by the benchmark: says when it is ready, and measures once whenever it is told to. */
import { bytesOf, flood } from "./memory/held.ts";
import { contestants } from "./memory/contestants.ts";
import { speedOf } from "./memory/speed.ts";
import { named } from "./report.ts";
import { redisContestants } from "./redis/contestants.ts";
import { redisLoadOf } from "./redis/load.ts";
import type { Turn } from "./turns.ts";

const scenarios: Readonly<
  Record<string, (name: string, ...words: string[]) => Promise<Turn>>
> = {
  speed: (name, batches) => speedOf(named(contestants, name), Number(batches)),
  bytes: (name, count) =>
    Promise.resolve(() => bytesOf(named(contestants, name), Number(count))),
  flood: () => Promise.resolve(flood),
  redis: (name, url = "", decisions) =>
    redisLoadOf(named(redisContestants, name), url, Number(decisions)),
};

const [scenario = "", name = "", ...words] = process.argv.slice(2);
const turn = await scenarios[scenario]?.(name, ...words);
if (turn === undefined || process.send === undefined)
  throw new Error(`forked with one of: ${Object.keys(scenarios).join(", ")}`);
process.on("message", () => {
  void turn().then((figures) => process.send?.(figures));
});
// Some contestants leave timers behind.
process.on("disconnect", () => process.exit());
process.send("ready");
