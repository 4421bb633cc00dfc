import { setTimeout as sleep } from "node:timers/promises";
import type { Evidence } from "../../evidence.ts";
import { ClientConnection } from "../../load/client.ts";
import { requestOf, type Aim } from "../../load/load.ts";
import { Tally } from "../../load/tally.ts";
import { judge } from "../../load/verdict.ts";
import { waitFor } from "../../wait-for.ts";

/** An order somebody wants, and what came of asking for it. */
export interface Wish {
  readonly id: string;
  readonly customer: string;
  readonly order: {
    readonly item: string;
    readonly count: number;
    readonly card: string;
  };
  /** The service has said that it has the order: it must not get lost any more. */
  isTaken: boolean;
  /** The service has said that the order goes back: it must not be completed any more. */
  isCancelled: boolean;
}

export const goodCard = "4242424242424242";
export const refusedCard = "4242424242420000";

/** What a service says; undefined if it did not answer. */
export interface Reply {
  readonly status: number;
  readonly content: unknown;
  /** How long it asks to be left alone. */
  readonly retryAfterMs: number;
}

const pauseMs = 200;
const patienceMs = 45_000;

/** The aim of a wish; asked again it is the same order. */
export const placing = ({ id, customer, order }: Wish, query = ""): Aim => ({
  method: "POST",
  target: `/orders${query}`,
  fields: { "x-client": customer, "idempotency-key": id },
  body: JSON.stringify(order),
});

const saysTheEnd = (status: number): boolean =>
  status !== 202 && status !== 429 && status < 500;

/** Customers who ask through the gateway, and ask again when they get no answer. */
export class Customers {
  readonly tally: Tally = new Tally();
  readonly #port: number;
  readonly #idle: ClientConnection[] = [];

  constructor(port: number) {
    this.#port = port;
  }

  /** Asks once, on a connection of its own for as long as it takes. */
  async ask(aim: Aim): Promise<Reply | undefined> {
    const connection = await this.#connection();
    if (connection === undefined) return undefined;
    const request = requestOf(aim);
    const outcome = await connection.send(request);
    const verdict = judge(request, outcome);
    this.tally.add(request, verdict);
    if (connection.usable) this.#idle.push(connection);
    else connection.close();
    if (outcome.kind !== "answered") return undefined;
    const { status, body, headers } = outcome.answer;
    if (verdict.kind === "wrong") return undefined;
    const retryAfterMs = Number(headers.get("retry-after") ?? 0) * 1_000;
    const answer = JSON.parse(body.toString()) as Partial<Evidence>;
    return { status, content: answer.content, retryAfterMs };
  }

  /** Asks for the order until it is taken or patience ends, the less often the longer it takes. */
  async place(wish: Wish): Promise<void> {
    const untilMs = performance.now() + patienceMs;
    for (let call = 1; performance.now() < untilMs; call++) {
      const reply = await this.ask(placing(wish));
      wish.isTaken = reply?.status === 202;
      if (wish.isTaken) return;
      const restMs = Math.max(pauseMs * call, reply?.retryAfterMs ?? 0);
      await sleep(restMs * (1 + Math.random()));
    }
  }

  /** Asks for the order and how it ended, again while it still runs or nobody can tell: a disk may be slow. */
  async placeAndWait(wish: Wish): Promise<Reply> {
    return waitFor(
      `the end of order ${wish.id}`,
      async () => {
        const reply = await this.ask(placing(wish, "?wait=1"));
        return reply !== undefined && saysTheEnd(reply.status) && reply;
      },
      patienceMs,
    );
  }

  /** Changes the customer's mind some time after the order was taken; without an answer nobody knows. */
  async placeAndCancel(wish: Wish, afterMs: number): Promise<void> {
    await this.place(wish);
    await sleep(afterMs);
    const reply = await this.ask({
      method: "DELETE",
      target: `/orders/${wish.id}`,
      fields: { "x-client": wish.customer },
    });
    wish.isCancelled = reply?.status === 202;
  }

  close(): void {
    for (const connection of this.#idle) connection.close();
  }

  async #connection(): Promise<ClientConnection | undefined> {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection?.usable === true) return connection;
      if (connection !== undefined) continue;
      return ClientConnection.connect(this.#port).catch(() => {
        this.tally.unconnected++;
        return undefined;
      });
    }
  }
}
