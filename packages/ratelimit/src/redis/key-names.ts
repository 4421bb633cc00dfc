import type { LimitPolicy } from "../algorithms/algorithm.ts";
import { hashOf, PolicyHashes } from "../remote/policy-hashes.ts";
import type { BoundPolicy } from "../stores/store.ts";

/** A longer subject is hashed where it only decides in which slot a key is. */
const longestTag = 100;

/** The keys of one subject of one policy. */
export interface KeyNames {
  /** The same for all subjects of the policy, whichever limiter counts them. */
  readonly states: string;
  readonly key: string;
  readonly blockKey: string;
}

/**
 * Names of keys: `<prefix>:{<subject>}:<policy>` or `<prefix>:{<tag>}:<policy>:<subject>`. Redis Cluster places a key by
 * what is in braces. For a limiter of one policy that is the subject (its hash if it is long), so that subjects spread over
 * the nodes; for one of several it is the same for all subjects, because all keys of a decision have to be in one place.
 */
export class KeyNamer {
  readonly #prefix: string;
  readonly #hashes: PolicyHashes;
  readonly #sharedTag: string | undefined;

  constructor(prefix: string, bound: readonly BoundPolicy[]) {
    this.#prefix = prefix;
    this.#hashes = new PolicyHashes(bound);
    this.#sharedTag =
      bound.length === 1
        ? undefined
        : hashOf(JSON.stringify(bound.map(({ id }) => id))).slice(0, 11);
  }

  /** The tag of all keys of a decision: `name` is the escaped subject of the first policy. */
  tag(name: string): string {
    return this.#sharedTag ?? tagOf(name);
  }

  /**
   * The names for the subject of the policy in that place, escaped, of which `policy` is the variant that decides for it.
   */
  names(
    index: number,
    policy: LimitPolicy,
    tag: string,
    name: string,
  ): KeyNames {
    const end = tag === name ? "" : `:${name}`;
    const keyOf = (hash: string): string =>
      `${this.#prefix}:{${tag}}:${hash}${end}`;
    const states = this.#hashes.of(index, policy);
    const key = keyOf(states);
    const blocks = this.#hashes.ofBlocks(index);
    return {
      states,
      key,
      blockKey: blocks === undefined ? key : keyOf(blocks),
    };
  }
}

/** A text as a tag: as it is, or its hash if it is long. */
export const tagOf = (text: string): string =>
  text.length > longestTag ? hashOf(text) : text;

/**
 * A text as a part of a key. No two texts read the same, unpaired surrogates included, and none holds a brace: what users
 * send does not decide in which slot it is counted.
 */
export const escaped = (text: string): string => {
  if (plain.test(text)) return `"${text}"`;
  const json = JSON.stringify(text);
  return special.test(json) ? json.replace(everySpecial, encode) : json;
};

/** Reads the same in JSON and as a part of a key. */
const plain = /^[\w.:@/+=, -]*$/;
const special = /[{}%]/;
const everySpecial = /[{}%]/g;
const encode = (character: string): string =>
  `%${character.charCodeAt(0).toString(16)}`;
