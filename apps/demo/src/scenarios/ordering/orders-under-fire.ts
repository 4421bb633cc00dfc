import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "@dp/core";
import { setChaos } from "../../instance-control.ts";
import { services, type ServiceName, type Tree } from "../../tree.ts";
import { anyOf, takeVictim } from "../accidents.ts";
import type { Facts, Scenario } from "../scenario.ts";
import { balance } from "./books.ts";
import { Customers, type Wish } from "./customers.ts";
import { anyWish } from "./wishes.ts";

const perSecond = 200;
const seconds = 10;
const cancelledShare = 0.03;
const names = Object.keys(services) as ServiceName[];

/** Kills one instance, whatever it is about, and puts another in its place at once. */
const kill = async (
  tree: Tree,
  random: Random,
  kills: Map<string, number>,
): Promise<void> => {
  const service = anyOf(random, names) ?? "orders";
  const victim = takeVictim(random, tree.of(service));
  if (victim === undefined) return;
  kills.set(service, (kills.get(service) ?? 0) + 1);
  await victim.end("SIGKILL");
  await tree.start(service);
};

/** Makes one instance slow, faulty and silent for a while. */
const weaken = async (tree: Tree, random: Random): Promise<void> => {
  const service = random() < 0.5 ? "catalog" : "payments";
  const victim = anyOf(random, tree.of(service));
  if (victim === undefined) return;
  try {
    await setChaos(victim, {
      latencyMs: random() * 200,
      errorRate: random() * 0.3,
      loseAnswers: random() * 0.3,
    });
    await sleep(300 + random() * 700);
    await setChaos(victim, { latencyMs: 0, errorRate: 0, loseAnswers: 0 });
  } catch {
    // It was killed in the meantime.
  }
};

/** Disturbs until told to stop; resolves when all that was killed is back. */
const disturb = async (
  tree: Tree,
  random: Random,
  facts: Facts,
  until: AbortSignal,
): Promise<void> => {
  const kills = new Map<string, number>();
  const running: Promise<void>[] = [];
  while (!until.aborted) {
    await sleep(300 + random() * 400);
    running.push(
      random() < 0.6 ? kill(tree, random, kills) : weaken(tree, random),
    );
  }
  await Promise.all(running);
  const list = Array.from(kills, ([service, count]) => `${count} ${service}`);
  facts.note(`killed ${list.join(", ")}`);
};

/** Ten seconds of orders, kills, refusals, slowness, lost answers and customers who change their minds. */
export const ordersUnderFire: Scenario = {
  name: "12 two hundred orders a second",
  expected:
    "kills, refusals and slowness; the sums of money and stock add up exactly, no order is lost",
  play: async ({ tree, random }, facts) => {
    const customers = new Customers(tree.gateway.ready.http);
    const wishes: Wish[] = [];
    const placing: Promise<void>[] = [];
    const calm = new AbortController();
    const disturbing = disturb(tree, random, facts, calm.signal);
    const startMs = performance.now();
    while (wishes.length < perSecond * seconds) {
      const dueMs = startMs + (wishes.length * 1_000) / perSecond;
      const earlyMs = dueMs - performance.now();
      if (earlyMs > 0) await sleep(earlyMs);
      const wish = anyWish(random, wishes.length, 0.05);
      wishes.push(wish);
      placing.push(
        random() < cancelledShare
          ? customers.placeAndCancel(wish, random() * 100)
          : customers.place(wish),
      );
    }
    const sentMs = performance.now() - startMs;
    calm.abort();
    await disturbing;
    await Promise.all(placing);
    const { money, stock } = await balance(tree, wishes, facts);
    const endedMs = performance.now() - startMs - sentMs;
    facts.note(
      `sent in ${(sentMs / 1_000).toFixed(1)} s, ended ${(endedMs / 1_000).toFixed(1)} s later`,
    );
    const calls = money.charges.repeats + stock.reservations.repeats;
    const late = money.charges.void + stock.reservations.void;
    facts.note(`${calls} calls came again, ${late} never came before the undo`);
    facts.note(
      `clients saw ${customers.tally.toString()}`,
      customers.tally.counts.wrong === 0,
    );
    for (const why of customers.tally.wrongs) facts.note(why, false);
    customers.close();
  },
};
