import { serve } from "./service.ts";

/** As many as anyone will look at; the oldest goes first. */
const kept = 1_000;
const orders = new Map<string, { id: string; lines: string }>();
let count = 0;

await serve("orders", ({ method, path: [id], body }) => {
  if (method === "POST") {
    const order = { id: String(++count), lines: body };
    orders.set(order.id, order);
    for (const oldest of orders.keys()) {
      if (orders.size <= kept) break;
      orders.delete(oldest);
    }
    return { status: 201, content: order };
  }
  if (id === undefined)
    return { status: 200, content: { orders: orders.size } };
  const order = orders.get(id);
  return order === undefined
    ? { status: 404, content: { problem: `no order ${id}` } }
    : { status: 200, content: order };
});
