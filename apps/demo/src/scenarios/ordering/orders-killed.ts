import { join } from "node:path";
import { setChaos } from "../../instance-control.ts";
import { openShipments } from "../../services/ordering/shipments.ts";
import type { Scenario } from "../scenario.ts";
import { balance, readMoney } from "./books.ts";
import { Customers, type Wish } from "./customers.ts";
import { anyWish } from "./wishes.ts";

/** How many orders were shipped; nobody runs who could tell. */
const countShipped = (data: string): number => {
  const shipments = openShipments(join(data, "shipments.sqlite"));
  const count = shipments.count();
  shipments.close();
  return count;
};

const rounds = 3;
const perRound = 20;

/** The orders process dies where an order that is charged would be shipped. */
export const ordersKilled: Scenario = {
  name: "10 kill -9 between charge and ship",
  expected:
    "every order ends completed or compensated; none is charged twice, none is lost",
  play: async ({ tree, random }, facts) => {
    const customers = new Customers(tree.gateway.ready.http);
    const wishes: Wish[] = [];
    const placing: Promise<void>[] = [];
    const between: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const [orders] = tree.of("orders");
      if (orders === undefined) throw new Error("no orders process runs");
      await setChaos(orders, { crashAt: "ship" });
      for (let count = 0; count < perRound; count++) {
        const wish = anyWish(random, wishes.length);
        wishes.push(wish);
        placing.push(customers.place(wish));
      }
      const ending = await orders.ended;
      if (ending !== "SIGKILL") throw new Error(`it ended with ${ending}`);
      const charged = (await readMoney(tree)).charges.done;
      between.push(charged - countShipped(tree.data));
      await tree.start("orders");
    }
    await Promise.all(placing);
    facts.note(
      `killed ${rounds} times with ${between.join(", ")} orders charged and not shipped`,
      between.every((count) => count > 0),
    );
    await balance(tree, wishes, facts);
    for (const why of customers.tally.wrongs) facts.note(why, false);
    customers.close();
  },
};
