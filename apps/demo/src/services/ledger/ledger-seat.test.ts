import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listenOnLoopback } from "../../listen.ts";
import { Answering } from "../answering.ts";
import { callOf, type Call } from "../call.ts";
import { LedgerSeat } from "./ledger-seat.ts";
import { openMoneyLedger, type MoneyLedger } from "./money-ledger.ts";

/** An instance of payments, as far as its ledger goes. */
interface Instance {
  readonly seat: LedgerSeat<MoneyLedger>;
  readonly port: number;
  /** Ends it as a kill does: nobody listens any more, and the lock is free. */
  kill(): void;
}

let folder = "";
let file = "";
const servers: Server[] = [];
const seats: LedgerSeat<MoneyLedger>[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dp-seat-"));
  file = join(folder, "money.sqlite");
});
afterEach(() => {
  for (const seat of seats.splice(0)) seat.close();
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true });
});

const start = async (instance: string): Promise<Instance> => {
  const answering = new Answering("payments", instance);
  const server = createServer(answering.listener);
  const port = await listenOnLoopback(server, 0);
  const seat = new LedgerSeat({
    instance,
    port,
    file,
    open: openMoneyLedger,
    answer: async (ledger, { method, path: [, key = ""], body }) => {
      if (method === "PUT") await ledger.charge(key, "4242", Number(body));
      return {
        status: 200,
        content: { by: instance, cents: ledger.sums().chargedCents },
      };
    },
  });
  answering.use({
    answer: (call) => seat.answer(call),
    answerPeer: (call) => seat.answerPeer(call),
  });
  seats.push(seat);
  servers.push(server);
  const kill = (): void => {
    server.close();
    server.closeAllConnections();
    seat.close();
  };
  return { seat, port, kill };
};

/** Names an owner; nobody listens at port 2 of loopback. */
const claim = (instance: string, port = 2): void =>
  writeFileSync(`${file}.owner`, JSON.stringify({ instance, port }));

const callWith = (method: string, body = ""): Call =>
  callOf(method, new URL("http://service/payments/charges/a%3Ab"), {}, body);
const charge = callWith("PUT", "500");
const look = callWith("GET");

describe("a ledger's seats", () => {
  it("answer from the first one's ledger, whoever is asked", async () => {
    const first = await start("one");
    const second = await start("two");
    const booked = { status: 200, content: { by: "one", cents: 500 } };
    expect(await second.seat.answer(charge)).toEqual(booked);
    expect(await first.seat.answer(charge)).toEqual(booked);
    expect(await second.seat.answer(look)).toEqual(booked);
  });

  it("take over when the owner is gone, with all it had", async () => {
    const first = await start("one");
    const second = await start("two");
    await second.seat.answer(charge);
    first.kill();
    expect(await second.seat.answer(look)).toEqual({
      status: 200,
      content: { by: "two", cents: 500 },
    });
    const third = await start("three");
    expect(await third.seat.answer(look)).toMatchObject({
      content: { by: "two" },
    });
  });

  it("do not take back what they have left", async () => {
    const first = await start("one");
    first.seat.close();
    expect(await first.seat.answer(look)).toMatchObject({ status: 503 });
  });

  it("answer 503 while the owner is neither there nor gone", async () => {
    const first = await start("one");
    const second = await start("two");
    claim("one");
    expect(await second.seat.answer(charge)).toMatchObject({ status: 503 });
    expect(await first.seat.answer(look)).toMatchObject({
      content: { cents: 0 },
    });
  });

  it("answer nothing in another's name", async () => {
    const first = await start("one");
    const second = await start("two");
    claim("another", first.port);
    expect(await second.seat.answer(charge)).toMatchObject({ status: 503 });
    expect(readFileSync(`${file}.owner`, "utf8")).toContain("another");
    expect(await first.seat.answer(look)).toMatchObject({
      content: { cents: 0 },
    });
  });

  it("answer 502 when nobody knows what the owner did", async () => {
    await start("one");
    const second = await start("two");
    const silent = createServer((_, response) => response.destroy());
    servers.push(silent);
    const port = await listenOnLoopback(silent, 0);
    claim("one", port);
    expect(await second.seat.answer(charge)).toMatchObject({ status: 502 });
  });
});
