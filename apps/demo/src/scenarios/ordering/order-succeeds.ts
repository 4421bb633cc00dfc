import type { Scenario } from "../scenario.ts";
import { balance } from "./books.ts";
import { Customers, placing } from "./customers.ts";
import { wishFor } from "./wishes.ts";

interface Shown {
  readonly state: string;
  readonly timeline: readonly string[];
}

/** An order goes through all three services. */
export const orderSucceeds: Scenario = {
  name: "8 an order",
  expected:
    "reserved, charged, shipped; asked for again it is the same order; its timeline tells",
  play: async ({ tree }, facts) => {
    const { http } = tree.gateway.ready;
    const customers = new Customers(http);
    const wish = wishFor("first", "1", 2);
    const placed = await customers.placeAndWait(wish);
    wish.isTaken = placed.status < 300;
    facts.note(
      `${placed.status} ${JSON.stringify(placed.content)}`,
      placed.status === 201,
    );
    const again = await customers.placeAndWait(wish);
    facts.note(`again: ${again.status}`, again.status === 201);
    const more = { ...wish.order, count: 3 };
    const other = await customers.ask(placing({ ...wish, order: more }));
    facts.note(
      `another of the same id: ${other?.status}`,
      other?.status === 409,
    );
    const none = { ...wish.order, count: 0 };
    const wrong = await customers.ask(placing({ ...wish, order: none }));
    facts.note(
      `of 0 pieces: ${wrong?.status} ${(wrong?.content as { problem?: string }).problem}`,
      wrong?.status === 400,
    );

    const target = `/orders/${wish.id}`;
    const shown = (await customers.ask({ target }))?.content as Shown;
    const text = await fetch(`http://127.0.0.1:${http}${target}`, {
      headers: { accept: "text/plain" },
    });
    const page = await text.text();
    facts.note(
      `a timeline of ${shown.timeline.length} lines, the same as text`,
      shown.state === "completed" &&
        shown.timeline.length >= 8 &&
        page === `order first: completed\n${shown.timeline.join("\n")}\n`,
    );
    await balance(tree, [wish], facts);
    for (const why of customers.tally.wrongs) facts.note(why, false);
    customers.close();
  },
};
