import {
  requireInteger,
  requireText,
  type MetricFamily,
  type MetricSource,
} from "@dp/core";
import type { Call, CallContext } from "../call.ts";
import { LeastRecentlyUsed } from "../least-recently-used.ts";
import type { Policy, PolicySettings, Yield } from "../policy.ts";
import { MetricSum } from "./metric-sum.ts";

/** How {@link keyed} keeps its policies. */
export interface KeyedOptions {
  /** Stands in metrics. @defaultValue 'keyed' */
  readonly name?: string | undefined;
  /**
   * How many policies are kept. One more displaces the one unused for longest, an idle one if there is any among the
   * sixteen oldest: an open circuit that is forgotten would let everything through. A closed one is idle also with calls
   * in flight, whose results are then counted by nobody.
   *
   * @defaultValue 1000
   */
  readonly max?: number | undefined;
}

/** A policy that has one policy for each key. */
export interface Keyed<P extends Policy<unknown>>
  extends Policy<Yield<P>>, MetricSource {
  /** How many policies there are. */
  readonly size: number;
  /** The policy of a key, if there is one. Counts as use of it. */
  get(key: string): P | undefined;
  /** Forgets the policy of a key. False if there was none. */
  delete(key: string): boolean;
  /** Keys and policies, the one unused for longest first. */
  [Symbol.iterator](): Iterator<[string, P]>;
}

/**
 * Creates a {@link Keyed}: a policy for each key, made by `create` when the key first comes. For what fails apart, as the
 * shards or tenants of one service: one circuit for all of them would turn the outage of one into an outage of all.
 *
 * Calls whose key is undefined share the policy of the key `''`. The metrics are those of all policies added up, with
 * those of policies that are gone, so that they do not grow with the number of keys: let `create` give all policies the
 * same name.
 */
export const keyed = <P extends Policy<unknown>>(
  key: (context: CallContext) => string | undefined,
  create: (key: string) => P,
  options: KeyedOptions = {},
): Keyed<P> =>
  new KeyedPolicies(
    key,
    create,
    requireText("name", options.name ?? "keyed"),
    requireInteger("max", options.max ?? 1_000, 1),
  );

class KeyedPolicies<P extends Policy<unknown>> implements Keyed<P> {
  readonly name: string;
  readonly #key: (context: CallContext) => string | undefined;
  readonly #create: (key: string) => P;
  readonly #policies: LeastRecentlyUsed<P>;
  readonly #gone = new MetricSum();
  #displaced = 0;
  #adopted: PolicySettings = {};

  constructor(
    key: (context: CallContext) => string | undefined,
    create: (key: string) => P,
    name: string,
    max: number,
  ) {
    this.name = name;
    this.#key = key;
    this.#create = create;
    this.#policies = new LeastRecentlyUsed<P>(
      max,
      (policy) => policy.isIdle?.() ?? true,
    );
  }

  get size(): number {
    return this.#policies.size;
  }

  get(key: string): P | undefined {
    return this.#policies.use(key);
  }

  delete(key: string): boolean {
    const found = this.#policies.delete(key);
    if (found !== undefined) this.#bury(found);
    return found !== undefined;
  }

  [Symbol.iterator](): Iterator<[string, P]> {
    return this.#policies.entries();
  }

  execute<T>(next: Call<T>, context: CallContext): Promise<T | Yield<P>> {
    return new Promise((resolve) => {
      const policy = this.#policyOf(this.#key(context) ?? "");
      resolve(policy.execute(next, context) as Promise<T | Yield<P>>);
    });
  }

  adopt({ clock, random }: PolicySettings): void {
    this.#adopted = {
      clock: this.#adopted.clock ?? clock,
      random: this.#adopted.random ?? random,
    };
    for (const policy of this.#policies.values()) policy.adopt?.(this.#adopted);
  }

  isIdle(): boolean {
    for (const policy of this.#policies.values())
      if (policy.isIdle?.() === false) return false;
    return true;
  }

  metrics(): MetricFamily[] {
    const sum = new MetricSum();
    sum.add(this.#gone.families());
    for (const policy of this.#policies.values())
      if (isSource(policy)) sum.add(policy.metrics());
    const labels = { policy: this.name };
    return [
      {
        name: "dp_breaker_keyed_policies",
        help: "Policies kept, one for each key.",
        type: "gauge",
        samples: [{ labels, value: this.size }],
      },
      {
        name: "dp_breaker_keyed_displaced_total",
        help: "Policies forgotten because there were too many keys.",
        type: "counter",
        samples: [{ labels, value: this.#displaced }],
      },
      ...sum.families(),
    ];
  }

  #policyOf(key: string): P {
    const found = this.#policies.use(key);
    if (found !== undefined) return found;
    const made = this.#create(key);
    made.adopt?.(this.#adopted);
    const displaced = this.#policies.add(key, made);
    if (displaced !== undefined) {
      this.#displaced++;
      this.#bury(displaced);
    }
    return made;
  }

  #bury(policy: P): void {
    if (isSource(policy)) this.#gone.addGone(policy.metrics());
  }
}

const isSource = (policy: object): policy is MetricSource =>
  "metrics" in policy;
