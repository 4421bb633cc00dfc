import { createHash } from "node:crypto";
import type { LimitPolicy } from "../algorithms/algorithm.ts";
import type { BoundPolicy } from "../stores/store.ts";

/** What tells the states of policies apart in a store elsewhere: 66 bits for each, in 11 characters. */
export class PolicyHashes {
  readonly #bound: readonly BoundPolicy[];
  /** Of each place, by the variant that decides. */
  readonly #hashes: readonly WeakMap<LimitPolicy, string>[];
  readonly #blocks: readonly (string | undefined)[];

  constructor(bound: readonly BoundPolicy[]) {
    this.#bound = bound;
    this.#hashes = bound.map(() => new WeakMap());
    this.#blocks = bound.map(({ id, policy }) =>
      policy.of === undefined
        ? undefined
        : policyHash(id, `${policy.identity} blocks`),
    );
  }

  /** For the policy in that place, of which `policy` is the variant that decides. */
  of(index: number, policy: LimitPolicy): string {
    const hashes = this.#hashes[index] as WeakMap<LimitPolicy, string>;
    let hash = hashes.get(policy);
    if (hash === undefined) {
      const { id } = this.#bound[index] as BoundPolicy;
      hash = policyHash(id, policy.identity);
      hashes.set(policy, hash);
    }
    return hash;
  }

  /**
   * For the blocks of a policy some of whose subjects have a limit of their own: a block holds whatever that becomes.
   * Undefined for other policies, whose blocks are kept with their states.
   */
  ofBlocks(index: number): string | undefined {
    return this.#blocks[index];
  }
}

/** 43 letters, digits, `-` and `_`. */
export const hashOf = (text: string): string =>
  createHash("sha256").update(text).digest("base64url");

const policyHash = (id: string, identity: string): string =>
  hashOf(JSON.stringify([id, identity])).slice(0, 11);
