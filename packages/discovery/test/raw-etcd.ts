/** etcd spoken to by hand: what a test does behind a registry's back. */

let prefixes = 0;

/** A prefix no other test of this process uses. */
export const uniquePrefix = (): string => `/test/${process.pid}/${prefixes++}`;

export const base64 = (text: string): string =>
  Buffer.from(text).toString("base64");

export const text = (encoded: string): string =>
  Buffer.from(encoded, "base64").toString();

export interface RawKey {
  readonly key: string;
  readonly value: string;
  readonly mod_revision: string;
  readonly lease?: string;
}

/** One exchange with the server at `url`. */
export const call = async <
  T = { readonly header: { readonly revision: string } },
>(
  url: string,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<T> => {
  const response = await fetch(`${url}/v3/${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${path}: ${answer}`);
  return JSON.parse(answer) as T;
};

/** Writes one key; the revision. */
export const put = async (
  url: string,
  key: string,
  value: string,
  lease: string = "0",
): Promise<bigint> => {
  const body = { key: base64(key), value: base64(value), lease };
  return BigInt((await call(url, "kv/put", body)).header.revision);
};

/** Deletes one key; the revision. */
export const remove = async (url: string, key: string): Promise<bigint> =>
  BigInt(
    (await call(url, "kv/deleterange", { key: base64(key) })).header.revision,
  );

/** The key as it is, or undefined. */
export const get = async (
  url: string,
  key: string,
): Promise<RawKey | undefined> => {
  const answer = await call<{ kvs?: RawKey[] }>(url, "kv/range", {
    key: base64(key),
  });
  return answer.kvs?.[0];
};

/** Writes and deletes many keys as one revision, which it returns; at most 128. */
export const transact = async (
  url: string,
  puts: Readonly<Record<string, string>>,
  deletes: readonly string[] = [],
): Promise<bigint> => {
  const success = [
    ...Object.entries(puts).map(([key, value]) => ({
      request_put: { key: base64(key), value: base64(value) },
    })),
    ...deletes.map((key) => ({ request_delete_range: { key: base64(key) } })),
  ];
  return BigInt((await call(url, "kv/txn", { success })).header.revision);
};
