import {
  requireDuration,
  requireInteger,
  requireOneOf,
  requireText,
  type Duration,
  type MetricFamily,
  type MetricSource,
} from "@dp/core";
import type { Call, CallContext } from "../call.ts";
import { scopeOf } from "../context.ts";
import { refusal } from "../errors.ts";
import type { Policy } from "../policy.ts";
import { WaitQueue } from "./wait-queue.ts";
import { Waiter } from "./waiter.ts";

/** How a {@link bulkhead} lets calls in. */
export interface BulkheadOptions {
  /** Stands in errors and metrics. @defaultValue 'bulkhead' */
  readonly name?: string | undefined;
  /** How many calls may be in flight together. At least 1. */
  readonly max: number;
  /** How many more may wait for one of those to end. @defaultValue 0 */
  readonly queue?: number | undefined;
  /** How long one may wait before it is refused. At least 1 ms. @defaultValue Infinity */
  readonly maxWait?: Duration | undefined;
  /**
   * Who goes next: `fifo`, the one that has waited longest, or `lifo`, the one that came last. Under an overload that
   * lasts, `lifo` serves some in time where `fifo` serves everyone late; give it a `maxWait`.
   *
   * @defaultValue 'fifo'
   */
  readonly order?: "fifo" | "lifo" | undefined;
}

/** A policy that bounds how many calls are in flight together. */
export interface Bulkhead extends Policy, MetricSource {
  /** Calls in flight, from 0 to `max`. */
  readonly inFlight: number;
  /** Calls that wait, from 0 to `queue`. Above 0 only when `max` are in flight. */
  readonly waiting: number;
}

/**
 * Creates a {@link Bulkhead}: at most `max` calls in flight, `queue` more waiting. Whoever finds both full is refused
 * with a `ResilienceError` of kind `full`, as is who has waited for `maxWait`.
 *
 * A place that becomes free is handed to the next in the queue in the same moment, so no newcomer can take it. One that
 * waits leaves at once when its signal aborts. Entering, waiting and leaving cost O(1), with a `maxWait` the logarithm of
 * the deadlines there are.
 */
export const bulkhead = (options: BulkheadOptions): Bulkhead =>
  new CountingBulkhead(options);

class CountingBulkhead implements Bulkhead {
  readonly name: string;
  readonly #max: number;
  readonly #places: number;
  readonly #maxWaitMs: number;
  readonly #isLifo: boolean;
  readonly #queue = new WaitQueue<Waiter>();
  readonly #refused = { queue: 0, wait: 0 };
  #inFlight = 0;

  constructor(options: BulkheadOptions) {
    this.name = requireText("name", options.name ?? "bulkhead");
    this.#max = requireInteger("max", options.max, 1);
    this.#places = requireInteger("queue", options.queue ?? 0);
    this.#maxWaitMs = requireDuration(
      "maxWait",
      options.maxWait ?? Infinity,
      1,
    );
    const order = options.order ?? "fifo";
    this.#isLifo = requireOneOf("order", order, ["fifo", "lifo"]) === "lifo";
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  execute<T>(next: Call<T>, context: CallContext): Promise<T> {
    if (this.#inFlight < this.#max) {
      this.#inFlight++;
      return this.#run(next, context);
    }
    if (this.#queue.size < this.#places)
      // By a promise: its `then` keeps the async context of the call, while its place comes in that of another.
      return this.#place(context).then(() =>
        this.#run((inside) => {
          inside.signal.throwIfAborted();
          return next(inside);
        }, context),
      );
    this.#refused.queue++;
    const waiting = this.#places === 0 ? "" : ` and ${this.#places} waiting`;
    return Promise.reject(
      refusal(
        "full",
        this.name,
        `has ${this.#max} calls in flight${waiting}, its maximum`,
      ),
    );
  }

  isIdle(): boolean {
    return this.#inFlight === 0;
  }

  metrics(): MetricFamily[] {
    const policy = this.name;
    return [
      {
        name: "dp_breaker_bulkhead_in_flight",
        help: "Calls in flight.",
        type: "gauge",
        samples: [{ labels: { policy }, value: this.#inFlight }],
      },
      {
        name: "dp_breaker_bulkhead_waiting",
        help: "Calls waiting for one in flight to end.",
        type: "gauge",
        samples: [{ labels: { policy }, value: this.#queue.size }],
      },
      {
        name: "dp_breaker_bulkhead_refused_total",
        help: "Calls refused, because the queue was full or because they had waited too long.",
        type: "counter",
        samples: Object.entries(this.#refused).map(([reason, value]) => ({
          labels: { policy, reason },
          value,
        })),
      },
    ];
  }

  /** Resolves as soon as there is a place, which is the call's then. */
  #place(context: CallContext): Promise<void> {
    return new Promise((resolve, reject) => {
      context.signal.throwIfAborted();
      const scope = scopeOf(context);
      const waiter = new Waiter(
        context,
        scope,
        this.#maxWaitMs,
        resolve,
        (isTooLong) => {
          this.#queue.remove(waiter);
          if (!isTooLong) {
            reject(context.signal.reason as Error);
            return;
          }
          this.#refused.wait++;
          reject(
            refusal(
              "full",
              this.name,
              `had no place for this call within ${this.#maxWaitMs} ms`,
            ),
          );
        },
      );
      this.#queue.add(waiter);
      waiter.start();
    });
  }

  /** Runs a call for which a place has been taken. */
  async #run<T>(next: Call<T>, context: CallContext): Promise<T> {
    try {
      return await next(context);
    } finally {
      this.#leave();
    }
  }

  #leave(): void {
    const waiter = this.#isLifo ? this.#queue.last : this.#queue.first;
    if (waiter === undefined) {
      this.#inFlight--;
      return;
    }
    this.#queue.remove(waiter);
    waiter.enter();
  }
}
