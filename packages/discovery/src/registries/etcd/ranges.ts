import { EtcdError, grpcCode, isCompacted } from "./etcd-error.ts";
import type { Gateway } from "./gateway.ts";
import { below, int64, type KeyValue, type RangeAnswer } from "./wire.ts";

/** Keys of one answer. With records of a few hundred bytes an answer stays far below a megabyte. */
const pageKeys = 1000;

/** A long listing is begun again when the revision it is pinned to is compacted meanwhile. */
const tries = 3;

/** The least key above this one. In bytes: not every key that others wrote is a text. */
const keyAfter = (key: string | undefined): string =>
  Buffer.concat([Buffer.from(key ?? "", "base64"), Buffer.alloc(1)]).toString(
    "base64",
  );

/** All keys below a prefix, as of one revision. */
export interface Listing {
  readonly kvs: readonly KeyValue[];
  readonly revision: bigint;
  /** The newest revision of the store, by then. */
  readonly storeRevision: bigint;
  readonly clusterId: string;
}

export interface RangeOptions {
  readonly keysOnly?: boolean | undefined;
  /** @defaultValue the newest */
  readonly revision?: bigint | undefined;
  /** The member to ask. @defaultValue the one in use */
  readonly endpoint?: URL | undefined;
}

const readPages = async (
  gateway: Gateway,
  prefix: string,
  { keysOnly = false, revision, endpoint }: RangeOptions,
  signal: AbortSignal | undefined,
): Promise<Listing> => {
  const { key, range_end } = below(prefix);
  const kvs: KeyValue[] = [];
  let from = key;
  let pinned = revision;
  let most: bigint | undefined;
  for (;;) {
    const page = await gateway.call<RangeAnswer>(
      "kv/range",
      {
        key: from,
        range_end,
        limit: String(pageKeys),
        keys_only: keysOnly,
        ...(pinned !== undefined && { revision: String(pinned) }),
      },
      signal,
      endpoint,
    );
    const got = page.kvs ?? [];
    kvs.push(...got);
    most ??= int64(page.count);
    if (page.more === true && kvs.length >= most)
      throw new EtcdError(
        `${prefix} is said to have ${most} keys, and has more`,
        grpcCode.unknown,
      );
    const storeRevision = int64(page.header?.revision);
    pinned ??= storeRevision;
    const last = got.at(-1);
    if (page.more !== true || last === undefined)
      return {
        kvs,
        revision: pinned,
        storeRevision,
        clusterId: page.header?.cluster_id ?? "",
      };
    from = keyAfter(last.key);
  }
};

/**
 * All keys below a prefix as of one revision, however many pages that takes: the first answer names the revision, the
 * others are asked for the same.
 */
export const listKeys = async (
  gateway: Gateway,
  prefix: string,
  options: RangeOptions,
  signal: AbortSignal | undefined,
): Promise<Listing> => {
  for (let left = tries; left > 0; left--) {
    try {
      return await readPages(gateway, prefix, options, signal);
    } catch (error) {
      if (options.revision !== undefined || !isCompacted(error)) throw error;
    }
  }
  throw new EtcdError(
    `${prefix} was compacted ${tries} times while it was read`,
    grpcCode.unavailable,
  );
};
