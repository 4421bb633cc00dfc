import { describe, expect, it } from "vitest";
import { callOf } from "../call.ts";
import { readOrder } from "./order.ts";

const order = { item: "1", count: 2, card: "42424242" };
const read = (content: unknown, fields: Record<string, string> = {}) =>
  readOrder(
    callOf(
      "POST",
      new URL("http://service/orders"),
      fields,
      typeof content === "string" ? content : JSON.stringify(content),
    ),
  );

describe("readOrder", () => {
  it("takes the id from the field, then from the body, or makes one", () => {
    expect(read({ ...order, id: "b" }, { "idempotency-key": "a" })).toEqual({
      id: "a",
      order,
    });
    expect(read({ ...order, id: "b" })).toEqual({ id: "b", order });
    const made = [read(order), read(order)];
    expect(made).toMatchObject([{ order }, { order }]);
    expect(made[0]).not.toEqual(made[1]);
  });

  it.each([
    ["body", "no JSON", "no JSON"],
    ["body", [], "[]"],
    ["item", { ...order, item: "" }, ""],
    ["count", { ...order, count: 0 }, 0],
    ["count", { ...order, count: 101 }, 101],
    ["count", { ...order, count: "2" }, "2"],
    ["card", { ...order, card: "4242" }, "4242"],
    ["card", { item: "1", count: 1 }, null],
    ["colour", { ...order, colour: "red" }, "red"],
    ["id", { ...order, id: "a b" }, "a b"],
  ])("says that %s is wrong", (field, content, value) => {
    expect(read(content)).toMatchObject({
      field,
      value,
      bound: expect.stringMatching(/./) as string,
      problem: expect.stringContaining(`${field} must be `) as string,
    });
  });
});
