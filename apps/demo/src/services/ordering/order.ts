import { randomUUID } from "node:crypto";
import type { Call } from "../call.ts";

/** What a customer orders. */
export interface Order {
  readonly item: string;
  readonly count: number;
  readonly card: string;
}

/** An order as it was asked for, under the id by which it can be asked for again. */
export interface Placed {
  readonly id: string;
  readonly order: Order;
}

/** What is wrong with an order: which field, what it was, what it may be. */
export interface Mistake {
  readonly problem: string;
  readonly field: string;
  readonly value: unknown;
  readonly bound: string;
}

interface Rule {
  readonly bound: string;
  readonly holds: (value: unknown) => boolean;
}

const matches =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === "string" && pattern.test(value);

const idRule: Rule = {
  bound: "1 to 64 letters, digits, '_', '-' or '.'",
  holds: matches(/^[\w.-]{1,64}$/),
};

const rules: Readonly<Record<keyof Order, Rule>> = {
  item: {
    bound: "an item's id, 1 to 20 letters or digits",
    holds: matches(/^[a-z\d]{1,20}$/i),
  },
  count: {
    bound: "an integer from 1 to 100",
    holds: (value) =>
      Number.isInteger(value) &&
      (value as number) >= 1 &&
      (value as number) <= 100,
  },
  card: { bound: "8 to 19 digits", holds: matches(/^\d{8,19}$/) },
};

const mistake = (field: string, value: unknown, bound: string): Mistake => ({
  problem: `${field} must be ${bound}`,
  field,
  value: value ?? null,
  bound,
});

/** The order in a call's body, under the id of `idempotency-key`, of the body, or a new one; or what is wrong with it. */
export const readOrder = ({ body, fields }: Call): Placed | Mistake => {
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch {
    // Below.
  }
  if (typeof content !== "object" || content === null || Array.isArray(content))
    return mistake(
      "body",
      body.slice(0, 100),
      '{"item":"1","count":2,"card":"42424242"}',
    );
  const { id: own, ...order } = content as Record<string, unknown>;
  for (const [field, { bound, holds }] of Object.entries(rules))
    if (!holds(order[field])) return mistake(field, order[field], bound);
  const surplus = Object.keys(order).find((field) => !(field in rules));
  if (surplus !== undefined)
    return mistake(surplus, order[surplus], "absent: it is unknown here");
  const id = fields["idempotency-key"] ?? own ?? randomUUID();
  if (!idRule.holds(id)) return mistake("id", id, idRule.bound);
  return { id: id as string, order: order as unknown as Order };
};
