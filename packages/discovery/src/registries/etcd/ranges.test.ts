import { ManualClock } from "@dp/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  header,
  startEtcdDouble,
  type Asked,
  type EtcdDouble,
} from "../../../test/etcd-double.ts";
import { Gateway } from "./gateway.ts";
import { resolveEtcdOptions } from "./options.ts";
import { listKeys } from "./ranges.ts";
import { decode, encode } from "./wire.ts";

let double: EtcdDouble;
let gateway: Gateway;
/** The store's revision, which grows with every question. */
let revision: number;

const compacted = {
  status: 400,
  body: {
    error: "",
    message: "etcdserver: mvcc: required revision has been compacted",
    code: 11,
  },
};

/** Five keys, two to an answer. */
const page = ({ body }: Asked): { body: object } => {
  const from = decode(body["key"] as string);
  const left = ["/p/a", "/p/b", "/p/c", "/p/d", "/p/e"].filter(
    (key) => key >= from,
  );
  const kvs = left.slice(0, 2).map((key) => ({ key: encode(key) }));
  return {
    body: {
      header: header(revision++),
      kvs,
      more: left.length > 2,
      count: String(left.length),
    },
  };
};

beforeEach(async () => {
  double = await startEtcdDouble();
  double.answer = page;
  revision = 42;
  gateway = new Gateway(
    resolveEtcdOptions({ endpoints: [double.url], clock: new ManualClock() }),
  );
});
afterEach(async () => {
  gateway.close();
  await double.close();
});

describe("listKeys", () => {
  it("goes on after a key that is no text", async () => {
    double.answer = ({ body }) => ({
      body: {
        header: header(42),
        kvs: [{ key: Buffer.from([0x2f, 0xff]).toString("base64") }],
        more: double.asked.length === 1,
        count: body["key"] === "L/8A" ? "1" : "2",
      },
    });
    const { kvs } = await listKeys(gateway, "/", {}, undefined);
    expect(kvs).toHaveLength(2);
    expect(double.asked[1]?.body["key"]).toBe(
      Buffer.from([0x2f, 0xff, 0]).toString("base64"),
    );
  });

  it("takes no more keys than there are said to be, however many are sent", async () => {
    double.answer = (asked) => ({
      body: { ...page(asked).body, more: true, count: "4" },
    });
    await expect(listKeys(gateway, "/p/", {}, undefined)).rejects.toThrow(
      "/p/ is said to have 4 keys, and has more",
    );
    expect(double.asked).toHaveLength(2);
  });

  it("reads all pages at the revision of the first", async () => {
    const listing = await listKeys(gateway, "/p/", {}, undefined);
    expect(listing.kvs.map(({ key }) => decode(key))).toEqual([
      "/p/a",
      "/p/b",
      "/p/c",
      "/p/d",
      "/p/e",
    ]);
    expect(listing).toMatchObject({
      revision: 42n,
      storeRevision: 44n,
      clusterId: "7",
    });
    const asked = double.asked.map(({ body }) => [
      decode(body["key"] as string),
      body["revision"],
    ]);
    expect(asked).toEqual([
      ["/p/", undefined],
      ["/p/b\0", "42"],
      ["/p/d\0", "42"],
    ]);
  });

  it("is empty where nothing is, though etcd leaves all that out", async () => {
    double.answer = () => ({ body: { header: header(1) } });
    expect(await listKeys(gateway, "/p/", {}, undefined)).toMatchObject({
      kvs: [],
      revision: 1n,
    });
  });

  it("begins again when its revision is compacted between two pages", async () => {
    let asked = 0;
    double.answer = (each) => (++asked === 2 ? compacted : page(each));
    const listing = await listKeys(gateway, "/p/", {}, undefined);
    expect(listing.kvs).toHaveLength(5);
    expect(listing.revision).toBe(43n);
  });

  it("gives up when that happens every time, and at once when a revision was asked for", async () => {
    let asked = 0;
    double.answer = (each) => (++asked % 2 === 0 ? compacted : page(each));
    await expect(listKeys(gateway, "/p/", {}, undefined)).rejects.toThrow(
      "was compacted 3 times",
    );
    double.answer = () => compacted;
    await expect(
      listKeys(gateway, "/p/", { revision: 5n }, undefined),
    ).rejects.toThrow("has been compacted");
  });
});
