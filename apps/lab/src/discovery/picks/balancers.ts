import {
  boundedLoad,
  leastRequest,
  maglev,
  peakEwma,
  powerOfTwo,
  prequal,
  random,
  rendezvous,
  ringHash,
  roundRobin,
  weightedRandom,
  weightedRoundRobin,
  type Balancer,
} from "@dp/discovery";

/** A balancer of ours. */
export interface Ours {
  readonly name: string;
  readonly create: () => Balancer;
  /** Whether picks come with a key. */
  readonly keyed: boolean;
}

const plain = (name: string, create: () => Balancer): Ours => ({
  name,
  create,
  keyed: false,
});
const keyed = (name: string, create: () => Balancer): Ours => ({
  name,
  create,
  keyed: true,
});

export const balancers: readonly Ours[] = [
  plain("roundRobin", roundRobin),
  plain("weightedRoundRobin", weightedRoundRobin),
  plain("random", random),
  plain("weightedRandom", weightedRandom),
  plain("leastRequest", leastRequest),
  plain("powerOfTwo", powerOfTwo),
  plain("peakEwma", peakEwma),
  plain("prequal", prequal),
  keyed("maglev", maglev),
  keyed("ringHash", ringHash),
  keyed("rendezvous", rendezvous),
  keyed("boundedLoad(maglev)", () => boundedLoad(maglev())),
];
