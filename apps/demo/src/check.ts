import { seededRandom } from "@dp/core";
import { adminOf } from "./admin.ts";
import { gatewayDrain } from "./scenarios/gateway-drain.ts";
import { killedInstance } from "./scenarios/killed-instance.ts";
import { openBreaker } from "./scenarios/open-breaker.ts";
import { answersLost } from "./scenarios/ordering/answers-lost.ts";
import { orderRefused } from "./scenarios/ordering/order-refused.ts";
import { orderSucceeds } from "./scenarios/ordering/order-succeeds.ts";
import { ordersKilled } from "./scenarios/ordering/orders-killed.ts";
import { ordersUnderFire } from "./scenarios/ordering/orders-under-fire.ts";
import { overTheLimit } from "./scenarios/over-the-limit.ts";
import { roundTrip } from "./scenarios/round-trip.ts";
import { scaling } from "./scenarios/scaling.ts";
import { Facts, type Scenario } from "./scenarios/scenario.ts";
import { turmoil } from "./scenarios/turmoil.ts";
import { printTable } from "./table.ts";
import { startWholeTree } from "./tree.ts";

const scenarios: readonly Scenario[] = [
  roundTrip,
  killedInstance,
  openBreaker,
  overTheLimit,
  scaling,
  gatewayDrain,
  turmoil,
  orderSucceeds,
  orderRefused,
  ordersKilled,
  answersLost,
  ordersUnderFire,
];

/** Plays each scenario on a tree of its own; a thrown error is a fact that does not hold. */
const play = async (scenario: Scenario, seed: number): Promise<Facts> => {
  const facts = new Facts();
  const tree = await startWholeTree();
  try {
    const admin = adminOf(tree.gateway.ready.admin);
    const random = seededRandom(seed);
    await scenario.play({ tree, admin, random }, facts);
  } catch (error) {
    facts.note(error instanceof Error ? error.message : String(error), false);
  } finally {
    await tree.stop();
  }
  return facts;
};

/** Plays the scenarios whose names contain `only`, prints what was expected and seen, and tells whether all of it holds. */
export const check = async (only: string, seed: number): Promise<boolean> => {
  const startMs = performance.now();
  const rows: string[][] = [];
  const broken: string[] = [];
  for (const scenario of scenarios) {
    if (!scenario.name.includes(only)) continue;
    console.log(`playing ${scenario.name} …`);
    const facts = await play(scenario, seed);
    for (const each of facts.broken) broken.push(`${scenario.name}: ${each}`);
    rows.push([
      scenario.name,
      scenario.expected,
      facts.toString(),
      facts.holds ? "ok" : "NO",
    ]);
  }
  printTable(["scenario", "expected", "observed", "ok"], rows, [22, 34, 60, 2]);
  const tookS = ((performance.now() - startMs) / 1_000).toFixed(0);
  for (const each of broken) console.log(`NOT ${each}`);
  const verdict = broken.length === 0 ? "all hold" : "NOT all hold";
  console.log(`${rows.length} scenarios, ${verdict}, ${tookS} s, seed ${seed}`);
  return broken.length === 0;
};
