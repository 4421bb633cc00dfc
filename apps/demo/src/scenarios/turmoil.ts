import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "@dp/core";
import { setChaos } from "../instance-control.ts";
import { anyOf, takeVictim } from "./accidents.ts";
import { ClientConnection } from "../load/client.ts";
import { requestOf, startLoad, type Aim } from "../load/load.ts";
import { judge } from "../load/verdict.ts";
import { services, type ServiceName, type Tree } from "../tree.ts";
import type { Facts, Scenario } from "./scenario.ts";

const lastsMs = 20_000;
/** An open breaker needs its time, and an ejection too. */
const calmWithinMs = 20_000;
const names = Object.keys(services) as ServiceName[];

const order = JSON.stringify({ item: "1", count: 1, card: "4242424242424242" });

/** What a client may do, of any size and on any route. */
const aimOf = (random: Random): Aim => {
  const bytes = random() < 0.2 ? 120_000 : Math.floor(random() * 2_000);
  const client = { "x-client": `client-${Math.floor(random() * 40)}` };
  const size = Math.floor(random() ** 3 * 80_000);
  const body = "b".repeat(size);
  switch (anyOf(random, names)) {
    case "orders":
      return random() < 0.5
        ? { target: `/orders?bytes=${bytes}`, fields: client }
        : {
            method: "POST",
            target: "/orders",
            fields: client,
            body: order + " ".repeat(size),
          };
    case "payments":
      return { method: "POST", target: `/payments?bytes=${bytes}`, body };
    default:
      return { target: `/catalog/items/1?bytes=${bytes}` };
  }
};

const events = {
  "kill -9": async (tree: Tree, random: Random) => {
    const victim = takeVictim(random, tree.instances);
    if (victim === undefined) return;
    await victim.end("SIGKILL");
    await sleep(random() * 1_000);
    await tree.start(victim.service);
  },
  restart: async (tree: Tree, random: Random) => {
    const old = takeVictim(random, tree.instances);
    if (old === undefined) return;
    await old.end("SIGTERM");
    await tree.start(old.service);
  },
  slowness: async (tree: Tree, random: Random) => {
    const victim = anyOf(random, tree.instances);
    if (victim === undefined) return;
    const wasAlive = await setChaos(victim, {
      latencyMs: random() * 1_000,
      errorRate: random() / 2,
    }).then(
      () => true,
      () => false, // It was killed in the meantime.
    );
    if (!wasAlive) return;
    await sleep(random() * 1_500);
    await setChaos(victim, { latencyMs: 0, errorRate: 0 }).catch(
      () => undefined,
    );
  },
};

const disturb = async (
  tree: Tree,
  random: Random,
  facts: Facts,
): Promise<void> => {
  const untilMs = performance.now() + lastsMs;
  const happened = new Map<string, number>();
  const running: Promise<void>[] = [];
  while (performance.now() < untilMs) {
    const kind = anyOf(random, Object.keys(events)) as keyof typeof events;
    happened.set(kind, (happened.get(kind) ?? 0) + 1);
    running.push(events[kind](tree, random));
    await sleep(300 + random() * 700);
  }
  await Promise.all(running);
  const list = Array.from(happened, ([kind, count]) => `${count} ${kind}`);
  facts.note(list.join(", "));
};

/** Resolves after a hundred right answers in a row from each service's route; rejects if that takes too long. */
const calmDown = async (port: number): Promise<void> => {
  const untilMs = performance.now() + calmWithinMs;
  const connection = await ClientConnection.connect(port);
  for (let streak = 0; streak < 100;) {
    const client = { "x-client": `calm-${streak}` };
    const name = names[streak % names.length] ?? "catalog";
    const target = name === "catalog" ? "/catalog/items/1" : `/${name}`;
    const request = requestOf({ target, fields: client });
    const verdict = judge(request, await connection.send(request));
    if (performance.now() > untilMs)
      throw new Error(`still not well: ${JSON.stringify(verdict)}`);
    if (verdict.kind === "right") streak++;
    else {
      streak = 0;
      await sleep(100);
    }
  }
  connection.close();
};

/** Twenty seconds of everything at once. */
export const turmoil: Scenario = {
  name: "7 twenty seconds of turmoil",
  expected:
    "every answer is right, a clear problem+json, or visibly cut; none is mixed up; then all is well again",
  play: async ({ tree, random }, facts) => {
    const load = startLoad({
      port: tree.gateway.ready.http,
      workers: 12,
      pauseMs: 8,
      next: () => aimOf(random),
    });
    const { tally } = load;
    try {
      await disturb(tree, random, facts);
    } finally {
      await load.stop();
    }
    facts.note(
      `clients saw ${tally.toString()}`,
      tally.counts.wrong === 0 &&
        tally.unconnected === 0 &&
        tally.counts.right > tally.total / 10,
    );
    for (const why of tally.wrongs) facts.note(why, false);

    await calmDown(tree.gateway.ready.http);
    facts.note("then a hundred right answers in a row");
  },
};
