import { setTimeout as sleep } from "node:timers/promises";
import {
  IdConflictError,
  UnknownRunError,
  type JournalEntry,
  type Orchestrator,
  type SagaDefinition,
} from "@dp/saga";
import { problem, type Call, type CallAnswer } from "../call.ts";
import type { OrderResult } from "./order-saga.ts";
import { readOrder, type Order } from "./order.ts";
import type { Shipments } from "./shipments.ts";
import { stepsOf, timelineOf } from "./timeline.ts";

/** How long `?wait=1` waits for an order's end. */
const waitMs = 1_500;

/** Takes orders and tells how they stand. */
export class Desk {
  readonly #orchestrator: Orchestrator;
  readonly #definition: SagaDefinition<Order, OrderResult>;
  readonly #shipments: Shipments;

  constructor(
    orchestrator: Orchestrator,
    definition: SagaDefinition<Order, OrderResult>,
    shipments: Shipments,
  ) {
    this.#orchestrator = orchestrator;
    this.#definition = definition;
    this.#shipments = shipments;
  }

  /** `POST /orders`, `GET /orders`, `GET /orders?list=1`, `GET /orders/:id` and `DELETE /orders/:id`. */
  answer(call: Call): Promise<CallAnswer> | CallAnswer {
    const { method, path } = call;
    const [id] = path;
    if (method === "POST" && id === undefined) return this.#place(call);
    if (method === "DELETE" && id !== undefined) return this.#cancel(id);
    if (method !== "GET" && method !== "HEAD")
      return problem(
        405,
        "orders are placed by POST /orders, read, and cancelled by DELETE",
      );
    if (id !== undefined) return this.#show(id, call);
    return call.query.has("list") ? this.#list() : this.#count();
  }

  /** 202 as soon as the order is on disk; from then on it ends, whatever happens here. */
  async #place(call: Call): Promise<CallAnswer> {
    const placed = readOrder(call);
    if ("problem" in placed) return { status: 400, content: placed };
    const { id, order } = placed;
    try {
      const handle = await this.#orchestrator.start(
        this.#definition,
        id,
        order,
      );
      const fields = { location: `/orders/${id}` };
      if (!call.query.has("wait"))
        return { status: 202, content: { id, state: "running" }, fields };
      const ended = handle.result().catch(() => undefined);
      await Promise.race([ended, sleep(waitMs)]);
      const { state } = await handle.status();
      return { status: placedStatus(state), content: { id, state }, fields };
    } catch (error) {
      if (IdConflictError.is(error)) return problem(409, error.message);
      throw error;
    }
  }

  /** 202 if the order goes back for certain. */
  async #cancel(id: string): Promise<CallAnswer> {
    const answer = await this.#orchestrator
      .handle(id)
      .cancel("by the customer");
    return { status: cancelStatus[answer], content: { id, cancel: answer } };
  }

  async #show(id: string, { fields }: Call): Promise<CallAnswer> {
    const { state, stuck } = await this.#orchestrator.handle(id).status();
    const journal = await this.#journal(id);
    if (journal === undefined) return problem(404, `no order ${id}`);
    const timeline = timelineOf(journal);
    const steps = stepsOf(journal);
    return {
      status: 200,
      content: { id, state, stuck, order: journal[0]?.input, steps, timeline },
      text:
        fields["accept"]?.includes("text/plain") === true
          ? `order ${id}: ${state}\n${timeline.join("\n")}\n`
          : undefined,
    };
  }

  async #journal(id: string): Promise<readonly JournalEntry[] | undefined> {
    try {
      return await this.#orchestrator.admin.journal(id);
    } catch (error) {
      if (UnknownRunError.is(error)) return undefined;
      throw error;
    }
  }

  async #count(): Promise<CallAnswer> {
    const states: Record<string, number> = {};
    let orders = 0;
    for await (const { state } of this.#orchestrator.admin.list()) {
      states[state] = (states[state] ?? 0) + 1;
      orders++;
    }
    return {
      status: 200,
      content: { orders, states, shipped: this.#shipments.count() },
    };
  }

  async #list(): Promise<CallAnswer> {
    const orders: Record<string, string> = {};
    for await (const { id, state } of this.#orchestrator.admin.list())
      orders[id] = state;
    return { status: 200, content: orders };
  }
}

const cancelStatus = {
  accepted: 202,
  "already-compensating": 200,
  final: 409,
  "too-late": 409,
  unknown: 404,
} as const;

const placedStatus = (state: string): number => {
  if (state === "completed") return 201;
  return state === "compensated" ? 409 : 202;
};
