import { createHash } from "node:crypto";
import type { LimitPolicy } from "../algorithms/algorithm.ts";
import type { BoundPolicy } from "../stores/store.ts";

/** An index entry has room for some 2,700 bytes. A longer subject is hashed. */
const longestSubject = 200;

/** The keys of one subject of one policy. */
export interface RowKeys {
  readonly key: string;
  /** Where it says until when it is blocked, if not in the same row. */
  readonly blockKey: string | null;
}

/** Names of rows: `<hash of the policy>:<subject>`. */
export class RowNamer {
  readonly #bound: readonly BoundPolicy[];
  /** Of each place, by the variant that decides. */
  readonly #hashes: readonly WeakMap<LimitPolicy, string>[];
  readonly #blockHashes: readonly (string | undefined)[];

  constructor(bound: readonly BoundPolicy[]) {
    this.#bound = bound;
    this.#hashes = bound.map(() => new WeakMap());
    // A block holds whatever the subject's own limit becomes.
    this.#blockHashes = bound.map(({ id, policy }) =>
      policy.of === undefined
        ? undefined
        : policyHash(id, `${policy.identity} blocks`),
    );
  }

  /** The keys for the subject of the policy in that place, of which `policy` is the variant that decides for it. */
  keys(index: number, policy: LimitPolicy, subject: string): RowKeys {
    const hashes = this.#hashes[index] as WeakMap<LimitPolicy, string>;
    let hash = hashes.get(policy);
    if (hash === undefined) {
      hash = policyHash(
        (this.#bound[index] as BoundPolicy).id,
        policy.identity,
      );
      hashes.set(policy, hash);
    }
    const name = nameOf(subject);
    const blockHash = this.#blockHashes[index];
    return {
      key: `${hash}:${name}`,
      blockKey: blockHash === undefined ? null : `${blockHash}:${name}`,
    };
  }
}

/**
 * A subject in ASCII: as JSON in quotes, or as its hash without if that is long. So it can be kept in any encoding, and no two
 * subjects have the same name, zero characters and unpaired surrogates included.
 */
const nameOf = (subject: string): string => {
  const json = JSON.stringify(subject).replace(/[^ -~]/g, escape);
  return json.length <= longestSubject ? json : hashOf(json);
};

const escape = (unit: string): string =>
  `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

const policyHash = (id: string, identity: string): string =>
  hashOf(JSON.stringify([id, identity])).slice(0, 16);

const hashOf = (text: string): string =>
  createHash("sha256").update(text).digest("hex");
