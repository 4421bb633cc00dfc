import { servicesSkipped, startRedis, type Server } from "@dp/services";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { evalsha } from "./bare.ts";
import type { RedisContestant } from "./contestant.ts";
import { redisContestants } from "./contestants.ts";
import {
  checkExactness,
  connectTo,
  redisLoadOf,
  type Connections,
} from "./load.ts";

/** The figures of a server that others use as well are not those of the load alone. */
const isGiven = (process.env["DP_REDIS_URL"] ?? "") !== "";

/** The calls a decision of those that do not make one for each. */
const shared = new Map([
  ["batched", 0.5],
  ["leased, hot", 0.1],
]);

describe.skipIf(servicesSkipped)("a contestant through Redis", () => {
  let server: Server;
  let connections: Connections | undefined;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(() => connections?.close());
  afterAll(() => server.stop());

  it.each(redisContestants)(
    "that is $name allows exactly the limit, and in a turn everything",
    async (contestant) => {
      connections = await connectTo(server.url, contestant);
      const turn = await redisLoadOf(contestant, connections, 640);
      const { calls, commands } = await turn();
      if (isGiven) return;
      const most = shared.get(contestant.name);
      if (most === undefined) expect(calls).toBe(1);
      else expect(calls).toBeLessThan(most);
      expect(commands).toBeGreaterThanOrEqual(calls ?? NaN);
    },
  );

  it("fails when it lets one too many through", async () => {
    const generous: RedisContestant = {
      name: "generous",
      about: "",
      limits: true,
      create: (client, perHour, prefix) =>
        evalsha.create(client, perHour + 1, prefix),
    };
    connections = await connectTo(server.url, generous);
    await expect(
      checkExactness(generous, connections.client, `generous-${process.pid}`),
    ).rejects.toThrow(/^generous: (101 allowed, not 100|6 allowed, not 5)$/);
  });
});
