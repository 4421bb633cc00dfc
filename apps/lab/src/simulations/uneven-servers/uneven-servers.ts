import { seededRandom } from "@dp/core";
import {
  powerOfTwo,
  prequal,
  weightedRoundRobin,
  type Balancer,
  type BalancerOptions,
} from "@dp/discovery";
import { candidatesOf, indexOf } from "../candidates.ts";
import { exponentialTime, quantileOf } from "../distributions.ts";
import { Timeline } from "../timeline.ts";
import { ProbedServer, type ServerLoad } from "./probed-server.ts";

export const servers = 100;
/** The first ones have half the capacity of the others. */
export const weakServers = 20;
const workers = 4;
/** The mean on one of the others; exponentially distributed. */
export const serviceMs = 100;
/** Each sees only its own requests. */
const clients = 10;
/** Requests that come before the queues are as long as they get are not counted. */
const warmUpMs = 1_500;

/** What all servers can do, in requests a millisecond. */
export const capacity =
  ((servers - weakServers + weakServers / 2) * workers) / serviceMs;

/** The load at which the weak ones have all they can do when every server gets equally many. */
export const roundRobinLimit = servers / 2 / (servers - weakServers / 2);

const isWeak = (server: number): boolean => server < weakServers;

interface Contender {
  readonly weightOf?: ((server: number) => number) | undefined;
  create(
    options: BalancerOptions,
    ask: (server: number) => ServerLoad,
  ): Balancer;
}

/** What is compared. None is told who is weak, but the one with right weights. */
export const contenders = {
  "round robin, equal weights": {
    create: (options) => weightedRoundRobin(options),
  },
  "round robin, right weights": {
    weightOf: (server) => (isWeak(server) ? 0.5 : 1),
    create: (options) => weightedRoundRobin(options),
  },
  powerOfTwo: { create: (options) => powerOfTwo(options) },
  "prequal, no probes": { create: (options) => prequal(options) },
  prequal: {
    create: (options, ask) =>
      prequal({
        ...options,
        probe: (instance) => Promise.resolve(ask(indexOf(instance))),
      }),
  },
} as const satisfies Record<string, Contender>;

export type ContenderName = keyof typeof contenders;

export const contenderNames = Object.keys(
  contenders,
) as readonly ContenderName[];

export interface UnevenFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** The share of requests that the weak servers got; a ninth is right. */
  readonly weakShare: number;
}

/** Requests of several clients, `load` of what all servers together can do. */
export const unevenServers = async (
  name: ContenderName,
  load: number,
  seed = 1,
  durationMs = 4_500,
): Promise<UnevenFigures> => {
  const contender: Contender = contenders[name];
  const timeline = new Timeline();
  const arrivals = seededRandom(seed);
  const service = seededRandom(seed + 1_000);
  const all = Array.from(
    { length: servers },
    (_, server) =>
      new ProbedServer(
        timeline,
        service,
        workers,
        isWeak(server) ? 2 * serviceMs : serviceMs,
      ),
  );
  const serverOf = (server: number): ProbedServer => {
    const found = all[server];
    if (found === undefined) throw new Error("no such server");
    return found;
  };
  const balancers = Array.from({ length: clients }, (_, client) => {
    const balancer = contender.create(
      { clock: timeline, random: seededRandom(seed + 2_000 + client) },
      (server) => serverOf(server).load(),
    );
    balancer.update(candidatesOf(servers, contender.weightOf));
    return balancer;
  });
  const latenciesMs: number[] = [];
  let toWeak = 0;
  const request = (): void => {
    const balancer = balancers[Math.floor(arrivals() * clients)];
    const picked = balancer?.pick();
    if (picked === undefined) throw new Error("nobody to pick");
    const isCounted = timeline.now() >= warmUpMs;
    const server = indexOf(picked);
    if (isCounted && isWeak(server)) toWeak++;
    serverOf(server).accept((latencyMs) => {
      if (isCounted) latenciesMs.push(latencyMs);
      balancer?.settle(picked, { outcome: "success", latencyMs });
    });
  };
  const arrive = (): void => {
    request();
    const afterMs = exponentialTime(arrivals, 1 / (load * capacity));
    if (timeline.now() + afterMs < durationMs)
      timeline.schedule(afterMs, arrive);
  };
  timeline.schedule(0, arrive);
  // Until the last is answered; only probes are promises.
  if (name === "prequal") await timeline.runAsync();
  else timeline.run();
  return {
    p50Ms: quantileOf(latenciesMs, 0.5),
    p99Ms: quantileOf(latenciesMs, 0.99),
    p999Ms: quantileOf(latenciesMs, 0.999),
    weakShare: toWeak / latenciesMs.length,
  };
};
