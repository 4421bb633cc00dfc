import { Redis } from "ioredis";
import { expectNone, shuffledKeys } from "../../keys.ts";
import type { Turn } from "../../turns.ts";
import type { DecideFar, RedisContestant } from "./contestant.ts";
import { useBetween } from "./server-use.ts";

const inFlight = 64;

/** Asks once for each of the keys, always so many at a time; resolves to how many were allowed. */
export const decideAll = async (
  decide: DecideFar,
  keys: readonly string[],
): Promise<number> => {
  let next = 0;
  let allowed = 0;
  const work = async (): Promise<void> => {
    for (let key = keys[next++]; key !== undefined; key = keys[next++])
      if (await decide(key)) allowed++;
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return allowed;
};

/** Of 15 takes of each of 20 keys, and of 300 of one more, all at once, exactly the limit of 5 and of 100 is let through. */
export const checkExactness = async (
  contestant: RedisContestant,
  client: Redis,
  prefix: string,
): Promise<void> => {
  const check = async (
    limit: number,
    key: string,
    takes: number,
  ): Promise<void> => {
    const decide = await contestant.create(client, limit, `${prefix}:${limit}`);
    const asked = Array.from({ length: takes }, () => key);
    const allowed = await decideAll(decide, asked);
    const right = contestant.limits ? limit : takes;
    if (allowed !== right)
      throw new Error(`${contestant.name}: ${allowed} allowed, not ${right}`);
  };
  await Promise.all([
    check(100, "one", 300),
    ...shuffledKeys(20).map((key) => check(5, key, 15)),
  ]);
};

/** Two connections to one server: what is measured goes through the first, and the second asks for its figures. */
export interface Connections {
  readonly client: Redis;
  readonly asking: Redis;
  close(): void;
}

/** Resolves when both are connected. */
export const connectTo = async (
  url: string,
  { isPipelined = false }: RedisContestant,
): Promise<Connections> => {
  const client = new Redis(url, { enableAutoPipelining: isPipelined });
  const asking = new Redis(url);
  await Promise.all([client.ping(), asking.ping()]);
  const close = (): void => {
    client.disconnect();
    asking.disconnect();
  };
  return { client, asking, close };
};

/**
 * Checks a contestant, warms it up, and gives its turns of so many decisions, 64 in flight, spread over its keys. All are to be
 * allowed.
 */
export const redisLoadOf = async (
  contestant: RedisContestant,
  { client, asking }: Connections,
  decisions: number,
): Promise<Turn> => {
  // Unlike those of all other runs on a server that is not ours alone.
  const prefix = `bench-${process.pid}-${Date.now()}`;
  await checkExactness(contestant, client, prefix);
  const decide = await contestant.create(client, 1_000_000, prefix);
  const { keys: keyCount = 10_000, times = 1 } = contestant;
  const keys = shuffledKeys(keyCount);
  const asked = decisions * times;
  const load = async (count: number): Promise<void> => {
    const each = Array.from(
      { length: count },
      (_, index) => keys[index % keyCount] ?? "",
    );
    const allowed = await decideAll(decide, each);
    expectNone(count - allowed, contestant.name);
  };
  const look = (): Promise<string> => asking.info("commandstats", "cpu");
  // The client's code and Redis' own caches take a while.
  await load(Math.max(20_000, decisions));
  return async () => {
    const before = await look();
    const cpu = process.cpuUsage();
    const fromMs = performance.now();
    await load(asked);
    const tookMs = performance.now() - fromMs;
    const { user, system } = process.cpuUsage(cpu);
    const { calls, commands, callUs, serverUs } = useBetween(
      before,
      await look(),
    );
    return {
      clientUs: (user + system) / asked,
      perSecond: (asked / tookMs) * 1_000,
      calls: calls / asked,
      commands: commands / asked,
      callUs: callUs / asked,
      serverUs: serverUs / asked,
    };
  };
};
