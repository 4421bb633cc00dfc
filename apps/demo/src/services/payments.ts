import { join } from "node:path";
import { problem, type Call, type CallAnswer } from "./call.ts";
import { LedgerSeat } from "./ledger/ledger-seat.ts";
import { answerOf, bodyOf } from "./ledger/ledger-answers.ts";
import { openMoneyLedger, type MoneyLedger } from "./ledger/money-ledger.ts";
import { serve } from "./service.ts";

let taken = 0;

/** Charges by key, and the sums of the money. */
const answerMoney = async (
  ledger: MoneyLedger,
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
        content: { ...ledger.sums(), charges: ledger.counts() },
      };
    case "PUT charges": {
      const { card, cents } = bodyOf(call);
      if (typeof card !== "string" || !/^\d{8,19}$/.test(card))
        return problem(400, "card must be 8 to 19 digits");
      if (!Number.isSafeInteger(cents) || (cents as number) < 1)
        return problem(400, `cents must be at least 1, not ${String(cents)}`);
      return answerOf(await ledger.charge(key, card, cents as number), 402, {
        charged: cents,
      });
    }
    case "DELETE charges":
      await ledger.refund(key);
      return { status: 200, content: { refunded: key } };
    default:
      return problem(404, "try charges/<key> or ledger");
  }
};

await serve("payments", ({ instance, port, data }) => {
  const seat = new LedgerSeat({
    instance,
    port,
    file: join(data, "money.sqlite"),
    open: openMoneyLedger,
    answer: answerMoney,
  });
  return {
    answer: (call) => {
      if (call.path[0] !== undefined) return seat.answer(call);
      return call.method === "POST"
        ? { status: 201, content: { payment: ++taken } }
        : { status: 200, content: { payments: taken } };
    },
    answerPeer: (call) => seat.answerPeer(call),
    close: () => seat.close(),
  };
});
