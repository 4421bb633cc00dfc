import type { Random } from "@dp/core";
import { anyOf } from "../accidents.ts";
import { goodCard, refusedCard, type Wish } from "./customers.ts";

/** The prices of the catalog, in cents. */
export const prices: Readonly<Record<string, number>> = {
  "1": 3_900,
  "2": 12_500,
  "3": 48_000,
};

/** Each may ask for ten orders a second. */
const customers = 40;

/** An order of `count` pieces by a customer of its own. */
export const wishFor = (
  id: string,
  item: string,
  count: number,
  card: string = goodCard,
): Wish => ({
  id,
  customer: `customer of ${id}`,
  order: { item, count, card },
  isTaken: false,
  isCancelled: false,
});

/** The so manieth order of forty customers who take turns; some of their cards are refused. */
export const anyWish = (random: Random, number: number, share = 0.1): Wish => {
  const item = anyOf(random, Object.keys(prices)) ?? "1";
  const count = 1 + Math.floor(random() * 3);
  const card = random() < share ? refusedCard : goodCard;
  return {
    ...wishFor(`order-${number}`, item, count, card),
    customer: `customer-${number % customers}`,
  };
};
