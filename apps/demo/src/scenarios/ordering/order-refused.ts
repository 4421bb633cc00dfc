import type { Scenario } from "../scenario.ts";
import { balance } from "./books.ts";
import { Customers, refusedCard } from "./customers.ts";
import { wishFor } from "./wishes.ts";

interface Shown {
  readonly steps: Readonly<Record<string, string>>;
  readonly timeline: readonly string[];
}

/** A card is refused, and the stock runs out. */
export const orderRefused: Scenario = {
  name: "9 refused orders",
  expected: "nothing stays reserved, nothing charged",
  play: async ({ tree }, facts) => {
    const customers = new Customers(tree.gateway.ready.http);
    const refused = wishFor("refused-card", "1", 2, refusedCard);
    // Of 300 desks.
    const desks = Array.from({ length: 4 }, (_, at) =>
      wishFor(`desks-${at}`, "3", 100),
    );
    const reply = await customers.placeAndWait(refused);
    facts.note(`${reply.status} for a refused card`, reply.status === 409);
    const target = `/orders/${refused.id}`;
    const { steps, timeline } = (await customers.ask({ target }))
      ?.content as Shown;
    const why = timeline.find((line) => line.includes("going back"));
    facts.note(
      `"${why?.trim().replace(/^\S+ s +/, "")}", reserve ${steps["reserve"]}`,
      why?.includes("402") === true && steps["reserve"] === "undone",
    );
    const statuses: number[] = [];
    for (const wish of desks)
      statuses.push((await customers.placeAndWait(wish)).status);
    facts.note(
      `four times 100 of 300 desks: ${statuses.join(", ")}`,
      statuses.join() === "201,201,201,409",
    );
    const wishes = [refused, ...desks];
    for (const wish of wishes) wish.isTaken = true;
    await balance(tree, wishes, facts);
    for (const wrong of customers.tally.wrongs) facts.note(wrong, false);
    customers.close();
  },
};
