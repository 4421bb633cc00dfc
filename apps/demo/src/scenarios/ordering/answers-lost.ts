import { setTimeout as sleep } from "node:timers/promises";
import { setChaos } from "../../instance-control.ts";
import type { Scenario } from "../scenario.ts";
import { balance } from "./books.ts";
import { Customers, type Wish } from "./customers.ts";
import { anyWish } from "./wishes.ts";

const orders = 80;
const pauseMs = 25;
const lostShare = 0.3;
const cancelledShare = 0.2;

/** Payments book, and the connection is cut before they say so. */
export const answersLost: Scenario = {
  name: "11 payments' answers are lost",
  expected:
    "every order ends completed or compensated; none is charged twice, none is lost",
  play: async ({ tree, random }, facts) => {
    for (const each of tree.of("payments"))
      await setChaos(each, { loseAnswers: lostShare });
    const customers = new Customers(tree.gateway.ready.http);
    const wishes: Wish[] = [];
    const placing: Promise<void>[] = [];
    while (wishes.length < orders) {
      const wish = anyWish(random, wishes.length);
      wishes.push(wish);
      placing.push(
        random() < cancelledShare
          ? customers.placeAndCancel(wish, random() * 100)
          : customers.place(wish),
      );
      await sleep(pauseMs);
    }
    await Promise.all(placing);
    const { money } = await balance(tree, wishes, facts);
    const { repeats, undone, void: never } = money.charges;
    facts.note(
      `${repeats} charges and refunds came again and were known`,
      repeats > 0,
    );
    facts.note(`${undone} refunded, ${never} undone before they came`);
    for (const why of customers.tally.wrongs) facts.note(why, false);
    customers.close();
  },
};
