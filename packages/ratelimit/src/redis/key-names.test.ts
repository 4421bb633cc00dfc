import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import { escaped, KeyNamer, tagOf } from "./key-names.ts";

const perSecond = tokenBucket({ limit: 5, per: "1s" });
const bound = (...ids: string[]) =>
  ids.map((id) => ({ id, policy: perSecond, enforced: true }));
const keyOf = (namer: KeyNamer, subject: string): string =>
  namer.names(0, perSecond, namer.tag(escaped(subject)), escaped(subject)).key;
/** What Redis Cluster hashes of a key. */
const hashed = (key: string): string => /\{(.+?)\}/.exec(key)![1]!;

describe("the name of a key", () => {
  it("reads prefix, subject and policy", () => {
    const namer = new KeyNamer("dp", bound("id"));
    expect(keyOf(namer, "ann")).toMatch(/^dp:\{"ann"\}:[\w-]{11}$/);
  });

  it("is placed by its whole subject when there is one policy, however it reads", () => {
    const namer = new KeyNamer("dp", bound("id"));
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (subject) => {
        expect(hashed(keyOf(namer, `{${subject}}{x}`))).toBe(
          tagOf(escaped(`{${subject}}{x}`)),
        );
      }),
    );
  });

  it("is placed by a hash of a long subject", () => {
    const namer = new KeyNamer("dp", bound("id"));
    expect(hashed(keyOf(namer, "x".repeat(2_000)))).toMatch(/^[\w-]{43}$/);
    expect(keyOf(namer, "x".repeat(2_000))).toHaveLength(
      "dp:".length + 45 + 13 + 2_002,
    );
  });

  it("is placed alike for all subjects when there are several policies", () => {
    const namer = new KeyNamer("dp", bound("a", "b"));
    const tags = ["ann", "bob", "}{"].map((each) => hashed(keyOf(namer, each)));
    expect(new Set(tags).size).toBe(1);
    const other = new KeyNamer("dp", bound("a", "c"));
    expect(hashed(keyOf(other, "ann"))).not.toBe(tags[0]);
  });

  it("differs by policy, by place and by subject", () => {
    const namer = new KeyNamer("dp", bound("a", "b"));
    const slower = tokenBucket({ limit: 4, per: "1s" });
    const tag = namer.tag(escaped("ann"));
    const keys = [
      namer.names(0, perSecond, tag, escaped("ann")),
      namer.names(1, perSecond, tag, escaped("ann")),
      namer.names(0, slower, tag, escaped("ann")),
      namer.names(0, perSecond, tag, escaped("bob")),
    ].map(({ key }) => key);
    expect(new Set(keys).size).toBe(4);
  });

  it("says where a block is kept, whatever limit the subject has of its own", () => {
    const varied = tokenBucket({
      limit: 5,
      per: "1s",
      limitFor: () => ({ limit: 9, per: "1s" }),
    });
    const namer = new KeyNamer("dp", [
      { id: "a", policy: varied, enforced: true },
    ]);
    const tag = namer.tag(escaped("ann"));
    const one = namer.names(0, varied.of!("ann"), tag, escaped("ann"));
    const other = namer.names(0, varied, tag, escaped("ann"));
    expect(one.blockKey).toBe(other.blockKey);
    expect(new Set([one.key, other.key, one.blockKey]).size).toBe(3);
    const plain = new KeyNamer("dp", bound("a"));
    const { key, blockKey } = plain.names(0, perSecond, tag, escaped("ann"));
    expect(blockKey).toBe(key);
  });
});

describe("a subject in a key", () => {
  it("is told from every other one, unpaired surrogates included, and holds no brace", () => {
    const text = fc.string({ unit: "binary", maxLength: 8 });
    fc.assert(
      fc.property(
        fc.oneof(text, fc.constantFrom("\ud800", "\ud801", "%7b", "{")),
        text,
        (one, other) => {
          if (one !== other) expect(escaped(one)).not.toBe(escaped(other));
          expect(escaped(one)).not.toMatch(/[{}]/);
        },
      ),
    );
    expect(escaped("\ud800")).not.toBe(escaped("\ud801"));
    expect(escaped("%7b")).not.toBe(escaped("{"));
  });
});
