import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fixedWindow } from "../algorithms/fixed-window.ts";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import type { LimitPolicy } from "../algorithms/algorithm.ts";
import { RowNamer } from "./row-keys.ts";

const hourly = tokenBucket({ limit: 1, per: "1h" });
const keyOf = (policy: LimitPolicy, id: string, subject: string): string =>
  new RowNamer([{ id, policy, enforced: true }]).keys(0, policy, subject).key;

describe("the key of a row", () => {
  it("is of few printable ASCII characters, and the same only for the same subject", () => {
    const any = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc
        .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 300 })
        .map((units) => String.fromCharCode(...units)),
      fc.constantFrom("é", "\\u00e9", "\ud800", "\\ud800", "\ufffd", '"'),
    );
    fc.assert(
      fc.property(any, any, (one, other) => {
        const [first, second] = [one, other].map((subject) =>
          keyOf(hourly, "x", subject),
        );
        expect(first).toMatch(/^[ -~]{1,217}$/);
        expect(first === second).toBe(one === other);
      }),
    );
  });

  it("tells policies of other numbers and other ids apart", () => {
    const keys = [
      keyOf(hourly, "x", "ann"),
      keyOf(hourly, "y", "ann"),
      keyOf(tokenBucket({ limit: 2, per: "1h" }), "x", "ann"),
      keyOf(fixedWindow({ limit: 1, per: "1h" }), "x", "ann"),
    ];
    expect(new Set(keys)).toHaveLength(4);
    expect(keys[0]).toMatch(/^[\w-]{11}:"ann"$/);
  });

  it("keeps the block of a subject apart where the subject's limit may change", () => {
    const policy = tokenBucket({
      limit: 1,
      per: "1h",
      limitFor: () => undefined,
    });
    const namer = new RowNamer([
      { id: "x", policy, enforced: true },
      { id: "y", policy: hourly, enforced: true },
    ]);
    const { key, blockKey } = namer.keys(0, policy, "ann");
    expect(blockKey).toMatch(/:"ann"$/);
    expect(blockKey).not.toBe(key);
    expect(namer.keys(1, hourly, "ann").blockKey).toBeNull();
  });
});
