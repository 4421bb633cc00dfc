import { createHash } from "node:crypto";
import type { LimitPolicy } from "../algorithms/algorithm.ts";
import type { BoundPolicy } from "../stores/store.ts";

/** A longer subject is hashed where it only decides in which slot a key is. */
const longestTag = 100;

/** The keys of one subject of one policy. */
export interface KeyNames {
  readonly key: string;
  readonly blockKey: string;
}

/**
 * Names of keys: `<prefix>:{<tag>}:<policy>:<subject>`. Redis Cluster places a key by what is in braces. For a limiter of
 * one policy that is the subject, so that subjects spread over the nodes; for one of several it is the same for all
 * subjects, because all keys of a decision have to be in one place.
 */
export class KeyNamer {
  readonly #prefix: string;
  readonly #bound: readonly BoundPolicy[];
  /** Of each place, by the variant that decides. */
  readonly #hashes: readonly WeakMap<LimitPolicy, string>[];
  readonly #blockHashes: readonly string[];
  readonly #sharedTag: string | undefined;

  constructor(prefix: string, bound: readonly BoundPolicy[]) {
    this.#prefix = prefix;
    this.#bound = bound;
    this.#sharedTag =
      bound.length === 1
        ? undefined
        : hashOf(bound.map(({ id }) => id)).slice(0, 16);
    this.#hashes = bound.map(() => new WeakMap());
    this.#blockHashes = bound.map(({ id, policy }) =>
      policyHash(id, `${policy.identity} blocks`),
    );
  }

  /** The tag of the keys of these subjects. */
  tag(subjects: readonly string[]): string {
    return this.#sharedTag ?? tagOf(escaped(subjects[0] as string));
  }

  /** The names for the subject of the policy in that place, of which `policy` is the variant that decides for it. */
  names(
    index: number,
    policy: LimitPolicy,
    tag: string,
    subject: string,
  ): KeyNames {
    const { id, policy: own } = this.#bound[index] as BoundPolicy;
    const hashes = this.#hashes[index] as WeakMap<LimitPolicy, string>;
    let hash = hashes.get(policy);
    if (hash === undefined) {
      hash = policyHash(id, policy.identity);
      hashes.set(policy, hash);
    }
    const name = escaped(subject);
    const key = `${this.#prefix}:{${tag}}:${hash}:${name}`;
    // A block holds whatever the subject's own limit becomes.
    const blockKey =
      own.of === undefined
        ? key
        : `${this.#prefix}:{${tag}}:${this.#blockHashes[index] as string}:${name}`;
    return { key, blockKey };
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
  const json = JSON.stringify(text);
  return special.test(json) ? json.replace(everySpecial, encode) : json;
};

const special = /[{}%]/;
const everySpecial = /[{}%]/g;
const encode = (character: string): string =>
  `%${character.charCodeAt(0).toString(16)}`;

const policyHash = (id: string, identity: string): string =>
  hashOf([id, identity]).slice(0, 16);

const hashOf = (value: string | readonly string[]): string =>
  createHash("sha1")
    .update(typeof value === "string" ? value : JSON.stringify(value))
    .digest("hex");
