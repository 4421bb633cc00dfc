/** int64 of the gateway: a decimal text, left out when zero. */
export type Int64 = string | number | undefined;

export interface Header {
  readonly cluster_id?: string | undefined;
  readonly revision?: Int64;
}

/** Keys and values are base64. */
export interface KeyValue {
  readonly key?: string | undefined;
  readonly value?: string | undefined;
  readonly mod_revision?: Int64;
  readonly lease?: Int64;
}

export interface RangeAnswer {
  readonly header?: Header | undefined;
  readonly kvs?: readonly KeyValue[] | undefined;
  readonly more?: boolean | undefined;
  readonly count?: Int64;
}

export interface TxnAnswer {
  readonly header?: Header | undefined;
  readonly succeeded?: boolean | undefined;
  readonly responses?:
    | readonly { readonly response_range?: RangeAnswer | undefined }[]
    | undefined;
}

export interface LeaseAnswer {
  readonly ID?: string | undefined;
  readonly TTL?: Int64;
}

export interface WatchMessage {
  readonly header?: Header | undefined;
  readonly created?: boolean | undefined;
  readonly canceled?: boolean | undefined;
  readonly compact_revision?: Int64;
  readonly cancel_reason?: string | undefined;
  /** More of this answer follows in the next message; it may be cut in the middle of a revision. */
  readonly fragment?: boolean | undefined;
  readonly events?:
    | readonly {
        readonly type?: string | undefined;
        readonly kv?: KeyValue | undefined;
      }[]
    | undefined;
}

export const int64 = (value: Int64): bigint => BigInt(value ?? 0);

export const encode = (text: string): string =>
  Buffer.from(text).toString("base64");

export const decode = (base64: string | undefined): string =>
  Buffer.from(base64 ?? "", "base64").toString();

/** All keys that start with `prefix`, whose last character is below `~`. */
export const below = (
  prefix: string,
): { readonly key: string; readonly range_end: string } => ({
  key: encode(prefix),
  range_end: encode(
    prefix.slice(0, -1) +
      String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1),
  ),
});
