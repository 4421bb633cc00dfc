import { join } from "node:path";
import { problem, type Call, type CallAnswer } from "./call.ts";
import { LedgerSeat } from "./ledger/ledger-seat.ts";
import { answerOf, bodyOf } from "./ledger/ledger-answers.ts";
import { openStockLedger, type StockLedger } from "./ledger/stock-ledger.ts";
import { serve } from "./service.ts";

const items = [
  { id: "1", name: "lamp", price: 3900, stock: 10_000 },
  { id: "2", name: "chair", price: 12_500, stock: 5_000 },
  { id: "3", name: "desk", price: 48_000, stock: 300 },
];

const pricedItems = items.map(({ id, name, price }) => ({ id, name, price }));

const answerItems = ({ method, path: [, id] }: Call): CallAnswer => {
  if (method !== "GET" && method !== "HEAD")
    return problem(405, "the items are only read");
  if (id === undefined) return { status: 200, content: pricedItems };
  const item = pricedItems.find((each) => each.id === id);
  return item === undefined
    ? problem(404, `no item ${id}`)
    : { status: 200, content: item };
};

/** Reservations by key, and how the stock stands. */
const answerStock = async (
  ledger: StockLedger,
  call: Call,
): Promise<CallAnswer> => {
  const {
    method,
    path: [kind, key = ""],
  } = call;
  switch (`${method} ${kind ?? ""}`) {
    case "GET ledger":
      return {
        status: 200,
        content: { stock: ledger.lines(), reservations: ledger.counts() },
      };
    case "PUT reservations": {
      const { item, count } = bodyOf(call);
      const priced = items.find(({ id }) => id === item);
      if (priced === undefined) return problem(404, `no item ${String(item)}`);
      if (!Number.isSafeInteger(count) || (count as number) < 1)
        return problem(400, `count must be at least 1, not ${String(count)}`);
      const pieces = count as number;
      return answerOf(await ledger.reserve(key, priced.id, pieces), 409, {
        cents: pieces * priced.price,
      });
    }
    case "DELETE reservations":
      await ledger.release(key);
      return { status: 200, content: { released: key } };
    default:
      return problem(404, "try items, reservations/<key> or ledger");
  }
};

const stock = Object.fromEntries(items.map((each) => [each.id, each.stock]));

await serve("catalog", ({ instance, port, data }) => {
  const seat = new LedgerSeat({
    instance,
    port,
    file: join(data, "stock.sqlite"),
    open: (file) => openStockLedger(file, stock),
    answer: answerStock,
  });
  return {
    answer: (call) =>
      call.path[0] === "items" ? answerItems(call) : seat.answer(call),
    answerPeer: (call) => seat.answerPeer(call),
    close: () => seat.close(),
  };
});
