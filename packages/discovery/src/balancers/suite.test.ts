import { describe, it } from "vitest";
import { balancerSuite } from "../testing/balancer-suite.ts";
import { leastRequest } from "./least-request.ts";
import { powerOfTwo } from "./power-of-two.ts";
import { random } from "./random.ts";
import { roundRobin } from "./round-robin.ts";

const factories = { leastRequest, powerOfTwo, random, roundRobin };

for (const [balancer, factory] of Object.entries(factories)) {
  describe(`${balancer} as a Balancer`, () => {
    for (const { name, run } of balancerSuite(factory)) it(name, run);
  });
}
