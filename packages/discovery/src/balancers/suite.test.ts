import { describe, it } from "vitest";
import {
  balancerSuite,
  type BalancerFactory,
} from "../testing/balancer-suite.ts";
import { boundedLoad } from "./bounded-load.ts";
import { leastRequest } from "./least-request.ts";
import { maglev } from "./maglev.ts";
import { peakEwma } from "./peak-ewma.ts";
import { powerOfTwo } from "./power-of-two.ts";
import { prequal } from "./prequal.ts";
import { random } from "./random.ts";
import { rendezvous } from "./rendezvous.ts";
import { ringHash } from "./ring-hash.ts";
import { roundRobin } from "./round-robin.ts";
import { weightedRandom } from "./weighted-random.ts";
import { weightedRoundRobin } from "./weighted-round-robin.ts";

/** A small table: the suite builds hundreds. */
const smallMaglev: BalancerFactory = (options) =>
  maglev({ ...options, size: 1021 });

const factories: Record<string, BalancerFactory> = {
  leastRequest,
  maglev: smallMaglev,
  peakEwma,
  powerOfTwo,
  prequal,
  "prequal with probes": (options) =>
    prequal({
      ...options,
      probe: () => Promise.resolve({ inFlight: 1, latencyMs: 1 }),
    }),
  random,
  rendezvous,
  ringHash,
  roundRobin,
  weightedRandom,
  weightedRoundRobin,
  "boundedLoad of leastRequest": (options) =>
    boundedLoad(leastRequest(options), options),
  "boundedLoad of maglev": (options) =>
    boundedLoad(smallMaglev(options), options),
  "boundedLoad of rendezvous": (options) =>
    boundedLoad(rendezvous(options), { ...options, factor: 1.01 }),
  "boundedLoad of ringHash": (options) =>
    boundedLoad(ringHash(options), { ...options, factor: 2 }),
  "boundedLoad of roundRobin": (options) =>
    boundedLoad(roundRobin(options), options),
};

const loadAware = ["leastRequest", "peakEwma", "powerOfTwo"];

for (const [balancer, factory] of Object.entries(factories)) {
  describe(`${balancer} as a Balancer`, () => {
    const leastLoaded = loadAware.includes(balancer);
    for (const { name, run } of balancerSuite(factory, { leastLoaded }))
      it(name, run);
  });
}
