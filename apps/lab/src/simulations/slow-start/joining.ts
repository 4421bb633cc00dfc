import { seededRandom } from "@dp/core";
import {
  discover,
  leastRequest,
  memoryRegistry,
  powerOfTwo,
  slowStart,
  weightedRoundRobin,
  type Balancer,
  type BalancerOptions,
} from "@dp/discovery";
import { exponentialTime, quantileOf } from "../distributions.ts";
import { Timeline } from "../timeline.ts";
import { ColdServer } from "./cold-server.ts";

export const balancers = {
  weightedRoundRobin,
  leastRequest,
  powerOfTwo,
} as const satisfies Record<string, (options: BalancerOptions) => Balancer>;

export type BalancerName = keyof typeof balancers;

export const balancerNames = Object.keys(balancers) as readonly BalancerName[];

/** Instances before the newcomer. */
export const instances = 10;
const clients = 20;
export const workers = 4;
export const serviceMs = 50;
/** How long the newcomer takes to warm up, and the window of the slow start. */
export const windowMs = 20_000;
/** A second, of 800 that ten instances can answer. */
export const requestsPerSecond = 560;
/** Requests are given up then, and reported as failed; the server does not learn of it. */
const timeoutMs = 1_000;
export const joinsAtS = 5;
/** When the last request comes. */
export const endS = 35;

export interface JoiningFigures {
  /** The share of requests that fail from when the newcomer joins. */
  readonly failed: number;
  /** How long 99 of 100 of these take at most, in milliseconds. */
  readonly p99Ms: number;
  /** The most requests that the newcomer had at once. */
  readonly most: number;
  /** The share of requests that went to the newcomer, second by second. */
  readonly shares: readonly number[];
}

/** A cold instance joins ten warm ones, which twenty clients share; each learns of it by its view. */
export const joining = async (
  name: BalancerName,
  isSlow: boolean,
  seed = 1,
): Promise<JoiningFigures> => {
  const timeline = new Timeline();
  const arrivals = seededRandom(seed);
  const service = seededRandom(seed + 1_000);
  const registry = memoryRegistry({
    clock: timeline,
    random: seededRandom(seed),
  });
  const servers = new Map<string, ColdServer>();
  const start = async (id: string, warmUpMs: number): Promise<void> => {
    servers.set(
      id,
      new ColdServer(timeline, service, { workers, serviceMs, warmUpMs }),
    );
    await registry.register({
      service: "joined",
      id,
      host: "127.0.0.1",
      port: 1 + servers.size,
      ttl: Infinity,
    });
  };
  for (let index = 0; index < instances; index++) await start(`i${index}`, 0);
  const views = Array.from({ length: clients }, (_, client) => {
    const options = {
      clock: timeline,
      random: seededRandom(seed + 2_000 + client),
    };
    return discover(registry, "joined", {
      ...options,
      balancer: balancers[name](options),
      ...(isSlow ? { slowStart: slowStart({ window: windowMs }) } : {}),
    });
  });
  for (const view of views) await view.ready();

  const requests = new Array<number>(endS).fill(0);
  const toNewcomer = new Array<number>(endS).fill(0);
  const latenciesMs: number[] = [];
  let failed = 0;
  const request = (): void => {
    const lease = views[Math.floor(arrivals() * clients)]?.pick();
    const server = servers.get(lease?.instance.id ?? "");
    if (lease === undefined || server === undefined)
      throw new Error("nobody to pick");
    const startedMs = timeline.now();
    const second = Math.floor(startedMs / 1_000);
    const isCounted = second >= joinsAtS;
    requests[second] = (requests[second] ?? 0) + 1;
    if (lease.instance.id === "newcomer")
      toNewcomer[second] = (toNewcomer[second] ?? 0) + 1;
    const giveUp = timeline.schedule(timeoutMs, () => {
      lease.failure();
      if (!isCounted) return;
      latenciesMs.push(timeoutMs);
      failed++;
    });
    server.accept(() => {
      const tookMs = timeline.now() - startedMs;
      if (tookMs >= timeoutMs) return;
      giveUp();
      lease.success(tookMs);
      if (isCounted) latenciesMs.push(tookMs);
    });
  };
  const arrive = (): void => {
    request();
    const afterMs = exponentialTime(arrivals, 1_000 / requestsPerSecond);
    if (timeline.now() + afterMs < endS * 1_000)
      timeline.schedule(afterMs, arrive);
  };
  timeline.schedule(0, arrive);
  timeline.run(joinsAtS * 1_000);
  await start("newcomer", windowMs);
  // Until all views have heard of it.
  await timeline.runAsync(joinsAtS * 1_000);
  timeline.run((endS + 1) * 1_000);
  for (const view of views) await view[Symbol.asyncDispose]();
  return {
    failed: failed / latenciesMs.length,
    p99Ms: quantileOf(latenciesMs, 0.99),
    most: servers.get("newcomer")?.most ?? 0,
    shares: toNewcomer.map((count, second) => count / (requests[second] ?? 1)),
  };
};
