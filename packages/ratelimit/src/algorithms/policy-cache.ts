import type { LimitPolicy } from "./algorithm.ts";

/** Limits differ by plan more than by subject, so that few variants serve many subjects. */
const mostVariants = 1000;

/**
 * The variants of a policy by their identity: at most 1,000, of which the least recently used is dropped. Dropping one
 * changes nothing but the time to make it again, because states are not kept here.
 */
export class PolicyCache<R extends { readonly identity: string }> {
  readonly #make: (resolved: R) => LimitPolicy;
  /** In order of use, because a Map keeps the order of insertion. */
  readonly #policies = new Map<string, LimitPolicy>();

  constructor(make: (resolved: R) => LimitPolicy) {
    this.#make = make;
  }

  /** The policy of these numbers: the same object as long as it is kept. */
  get(resolved: R): LimitPolicy {
    const { identity } = resolved;
    const known = this.#policies.get(identity);
    if (known !== undefined) this.#policies.delete(identity);
    const policy = known ?? this.#make(resolved);
    this.#policies.set(identity, policy);
    if (this.#policies.size > mostVariants)
      for (const oldest of this.#policies.keys()) {
        this.#policies.delete(oldest);
        break;
      }
    return policy;
  }
}
