import { EventEmitter } from "node:events";
import { Strategies } from "moleculer";
import { hostOf, type Contestant } from "./contestant.ts";

/** What a strategy reads of an endpoint. */
interface Endpoint {
  readonly id: string;
  readonly node: { readonly hostname: string; readonly cpu: number };
}

interface Strategy {
  select(list: readonly Endpoint[], context: object): Endpoint;
}

/** As the strategies' types have it, with what they use of a broker and no more. */
type Create = new (
  registry: object,
  broker: { readonly localBus: EventEmitter; readonly transit: object },
  options?: object,
) => Strategy;

const contestant = (
  name: "RoundRobin" | "Random" | "CpuUsage" | "Latency" | "Shard",
  about: string,
): Contestant => ({
  name: `moleculer ${name}`,
  about: `0.15${about}`,
  sizes: [10, 1_000],
  create: (size) => {
    const Strategy = Strategies[name] as unknown as Create;
    const localBus = new EventEmitter();
    const strategy = new Strategy(
      {},
      { localBus, transit: {} },
      name === "Shard" ? { shardKey: "key" } : {},
    );
    // Equal and neither low nor missing, so that as many samples are looked at as there can be.
    const endpoints = Array.from({ length: size }, (_, index): Endpoint => ({
      id: `node-${index}`,
      node: { hostname: hostOf(index), cpu: 50 },
    }));
    for (const { node } of endpoints)
      localBus.emit("$node.latencySlave", {
        hostname: node.hostname,
        avgLatency: 20,
      });
    return { use: (key) => strategy.select(endpoints, { params: { key } }) };
  },
});

export const moleculer: readonly Contestant[] = [
  contestant("RoundRobin", ""),
  contestant("Random", ""),
  contestant("CpuUsage", ", best of three samples"),
  contestant("Latency", ", best of five samples"),
  contestant("Shard", ", with a key"),
];
