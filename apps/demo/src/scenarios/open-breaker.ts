import { setTimeout as sleep } from "node:timers/promises";
import { callsOf, setChaos } from "../instance-control.ts";
import { ClientConnection, type Outcome } from "../load/client.ts";
import { requestOf, startLoad } from "../load/load.ts";
import { judge } from "../load/verdict.ts";
import { waitFor } from "../wait-for.ts";
import type { Facts, Scenario, Stage } from "./scenario.ts";

/** Slower than the route's attempt may take, so that each call is a failure. */
const slowMs = 3_000;
const refusals = 60;
const medianLimitMs = 5;
const crowd = 10;

const pay = { method: "POST", target: "/payments", body: "42" } as const;

const send = async (port: number): Promise<Outcome> => {
  const connection = await ClientConnection.connect(port);
  const outcome = await connection.send(requestOf(pay));
  connection.close();
  return outcome;
};

const open = async ({ tree, admin }: Stage, facts: Facts): Promise<void> => {
  const payments = tree.of("payments");
  for (const each of payments) await setChaos(each, { latencyMs: slowMs });
  const load = startLoad({
    port: tree.gateway.ready.http,
    workers: 8,
    pauseMs: 20,
    next: () => pay,
  });
  await waitFor(
    "the breaker to open",
    async () => (await admin.breakerState("payments")) === "open",
  );
  const { tally } = load;
  await load.stop();
  facts.note(`opened after ${tally.problems.get(504) ?? 0} timeouts`);
};

/** Asks while the breaker is open, again from the start if it stopped being so in the middle. */
const refuse = async (
  { tree, admin }: Stage,
  facts: Facts,
): Promise<number> => {
  const payments = tree.of("payments");
  const isOpen = async (): Promise<boolean> =>
    (await admin.breakerState("payments")) === "open";
  const connection = await ClientConnection.connect(tree.gateway.ready.http);
  for (;;) {
    await waitFor("an open breaker", isOpen);
    const callsBefore = await callsOf(payments);
    const latencies: number[] = [];
    let retryAfter = 0;
    while (latencies.length < refusals) {
      const request = requestOf(pay);
      const outcome = await connection.send(request);
      const verdict = judge(request, outcome);
      if (verdict.kind !== "problem" || verdict.status !== 503) break;
      if (outcome.kind !== "answered") break;
      retryAfter = Number(outcome.answer.headers.get("retry-after"));
      if (!(retryAfter > 0)) throw new Error("a 503 without Retry-After");
      latencies.push(outcome.elapsedMs);
    }
    const callsAfter = await callsOf(payments);
    // The state ended in the middle: what was counted then says nothing.
    if (latencies.length < refusals || !(await isOpen())) continue;
    latencies.sort((a, b) => a - b);
    const medianMs = latencies[refusals / 2] as number;
    facts.note(
      `${refusals} x 503 with Retry-After, median ${medianMs.toFixed(2)} ms`,
      medianMs < medianLimitMs,
    );
    facts.note(
      `${callsAfter - callsBefore} calls reached payments meanwhile`,
      callsAfter === callsBefore,
    );
    connection.close();
    return retryAfter;
  }
};

const recover = async (
  { tree, admin }: Stage,
  facts: Facts,
  retryAfter: number,
): Promise<void> => {
  const { http } = tree.gateway.ready;
  const payments = tree.of("payments");
  // Slow enough that all of a crowd arrives while the probe is on its way.
  for (const each of payments) await setChaos(each, { latencyMs: 400 });
  await sleep(retryAfter * 1_000);
  await waitFor(
    "the breaker to let probes through",
    async () => (await admin.breakerState("payments")) !== "open",
  );
  const callsBefore = await callsOf(payments);
  const outcomes = await Promise.all(
    Array.from({ length: crowd }, () => send(http)),
  );
  const probes = (await callsOf(payments)) - callsBefore;
  const paid = outcomes.filter(
    (each) => each.kind === "answered" && each.answer.status === 201,
  ).length;
  facts.note(
    `of ${crowd} at once ${probes} went through as a probe`,
    probes === 1 && paid === 1,
  );
  await waitFor("payments to be taken again", async () => {
    const last = await send(http);
    return last.kind === "answered" && last.answer.status === 201;
  });
  const state = await admin.breakerState("payments");
  facts.note(`then ${state}`, state === "closed");
};

/** Slow payments open the breaker; payments get rest; probes find that they are well again. */
export const openBreaker: Scenario = {
  name: "3 payments are slow",
  expected:
    "the breaker opens: 503 with Retry-After in under 5 ms (median) and no call; then probes close it",
  play: async (stage, facts) => {
    await open(stage, facts);
    const retryAfter = await refuse(stage, facts);
    await recover(stage, facts, retryAfter);
  },
};
