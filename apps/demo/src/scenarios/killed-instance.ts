import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { startLoad } from "../load/load.ts";
import { waitFor } from "../wait-for.ts";
import type { Scenario } from "./scenario.ts";

/** Counts what still comes to the address of an instance that is gone, apart from health checks, which stay failed. */
const listenInPlace = async (
  port: number,
): Promise<{ requests: () => number; checks: () => number; close(): void }> => {
  let requests = 0;
  let checks = 0;
  const server = createServer((request, response) => {
    if (request.url === "/healthz") checks++;
    else requests++;
    response.writeHead(503).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    requests: () => requests,
    checks: () => checks,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

const before = 300;
const after = 600;

/** `kill -9` of one of two instances under load. */
export const killedInstance: Scenario = {
  name: "2 kill -9 of an instance under load",
  expected:
    "idempotent requests see no error; nothing is sent to it once it is out",
  play: async ({ tree, admin }, facts) => {
    const [victim] = tree.of("catalog");
    if (victim === undefined) throw new Error("no catalog runs");
    const { port, instance } = victim.ready;
    let count = 0;
    const load = startLoad({
      port: tree.gateway.ready.http,
      workers: 8,
      pauseMs: 4,
      next: () => ({ target: `/catalog/items/${(count++ % 3) + 1}?bytes=500` }),
    });
    const { tally } = load;
    try {
      await waitFor(
        "load on both instances",
        () => tally.total >= before && tally.byInstance.size === 2,
      );
      await victim.end("SIGKILL");
      const killedMs = performance.now();
      const standing = await waitFor("the instance to be out", async () => {
        const seen = (await admin.standings("catalog")).get(port) ?? "gone";
        return seen === "ready" || seen === "pending" ? undefined : seen;
      });
      const outMs = performance.now() - killedMs;
      // "gone" would mean that only its lease ran out.
      facts.note(
        `${standing} after ${outMs.toFixed(0)} ms`,
        standing === "ejected" || standing === "unhealthy",
      );

      const place = await listenInPlace(port);
      const served = tally.byInstance.get(instance);
      const total = tally.total;
      try {
        await waitFor("more load", () => tally.total >= total + after);
        // Long enough for several health checks, and for the lease to run out.
        await sleep(2_000);
      } finally {
        place.close();
      }
      facts.note(
        `${place.requests()} requests (${place.checks()} health checks) to its address in ${tally.total - total} requests`,
        place.requests() === 0,
      );
      facts.note(
        "no more answers in its name",
        tally.byInstance.get(instance) === served,
      );
    } finally {
      await load.stop();
    }
    facts.note(
      `clients saw ${tally.toString()}`,
      tally.counts.right === tally.total && tally.unconnected === 0,
    );
    for (const why of tally.wrongs) facts.note(why, false);
  },
};
