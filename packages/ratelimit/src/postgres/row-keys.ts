import type { LimitPolicy } from "../algorithms/algorithm.ts";
import { hashOf, PolicyHashes } from "../remote/policy-hashes.ts";
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
  readonly #hashes: PolicyHashes;

  constructor(bound: readonly BoundPolicy[]) {
    this.#hashes = new PolicyHashes(bound);
  }

  /** The keys for the subject of the policy in that place, of which `policy` is the variant that decides for it. */
  keys(index: number, policy: LimitPolicy, subject: string): RowKeys {
    const name = nameOf(subject);
    const blocks = this.#hashes.ofBlocks(index);
    return {
      key: `${this.#hashes.of(index, policy)}:${name}`,
      blockKey: blocks === undefined ? null : `${blocks}:${name}`,
    };
  }
}

/**
 * A subject in ASCII: as JSON in quotes, or as its hash without if that is long. So it can be kept in any encoding, and no two
 * subjects have the same name, zero characters and unpaired surrogates included.
 */
export const nameOf = (subject: string): string => {
  const json = JSON.stringify(subject).replace(/[^ -~]/g, escape);
  return json.length <= longestSubject ? json : hashOf(json);
};

const escape = (unit: string): string =>
  `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
