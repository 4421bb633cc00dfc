import { setChaos } from "../instance-control.ts";
import { startLoad, type Aim } from "../load/load.ts";
import { waitFor } from "../wait-for.ts";
import type { Scenario } from "./scenario.ts";

const aims: readonly Aim[] = [
  { target: "/catalog/items?bytes=60000" },
  { target: "/catalog/items/1" },
  { method: "POST", target: "/payments", body: "7".repeat(5_000) },
];

/** SIGTERM of the gateway under load, with requests in hand that take a while. */
export const gatewayDrain: Scenario = {
  name: "6 SIGTERM of the gateway under load",
  expected: "every accepted request is answered, exit code 0",
  play: async ({ tree }, facts) => {
    for (const each of tree.instances) await setChaos(each, { latencyMs: 60 });
    let count = 0;
    const load = startLoad({
      port: tree.gateway.ready.http,
      workers: 32,
      pauseMs: 5,
      next: () => aims[count++ % aims.length] as Aim,
    });
    const { tally } = load;
    await waitFor("load", () => tally.total >= 300);
    const answered = tally.total;
    const startMs = performance.now();
    const code = await tree.gateway.end("SIGTERM");
    const tookMs = performance.now() - startMs;
    await load.stop();
    facts.note(`exit ${code} after ${tookMs.toFixed(0)} ms`, code === 0);

    facts.note(
      `${tally.total - answered} answers after the signal`,
      tally.total > answered,
    );
    facts.note(
      `clients saw ${tally.toString()}, then ${tally.unconnected} refused connections`,
      tally.counts.cut === 0 &&
        tally.counts.wrong === 0 &&
        tally.unconnected > 0,
    );
    for (const why of tally.wrongs) facts.note(why, false);
  },
};
