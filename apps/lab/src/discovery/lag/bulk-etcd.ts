import { changing, count, service } from "./changes.ts";
import { hostOf } from "../picks/contestant.ts";

export const prefix = "/bench";
const perTransaction = 100;

const encode = (text: string): string => Buffer.from(text).toString("base64");
const decode = (text: string): string => Buffer.from(text, "base64").toString();

/**
 * Puts the instances that never change beside the registered ones, as copies of the first under other addresses, a
 * hundred at a time: registering takes some exchanges each.
 */
export const putTheRest = async (url: string): Promise<void> => {
  const call = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${url}/v3/kv/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`etcd: ${await response.text()}`);
    return response.json();
  };
  const { kvs = [] } = (await call("range", {
    key: encode(`${prefix}/${service}/${hostOf(0)}`),
    range_end: encode(`${prefix}/${service}/${hostOf(0)};`),
  })) as { readonly kvs?: readonly { key: string; value: string }[] };
  const [first] = kvs;
  if (first === undefined) throw new Error("nothing to copy");
  const copyOf = (text: string, index: number): string =>
    encode(decode(text).replaceAll(hostOf(0), hostOf(index)));
  for (let start = changing; start < count; start += perTransaction)
    await call("txn", {
      success: Array.from({ length: perTransaction }, (_, offset) => ({
        request_put: {
          key: copyOf(first.key, start + offset),
          value: copyOf(first.value, start + offset),
        },
      })),
    });
};
