import { seededRandom } from "@dp/core";
import { describe, expect, it } from "vitest";
import { createIdentifiers } from "./identifiers.ts";

describe("identifiers", () => {
  it("are 16 lower-case hex digits, never all zero, and never the same twice", () => {
    const identifiers = createIdentifiers(seededRandom(1));
    const seen = new Set<string>();
    for (let count = 0; count < 200_000; count++) {
      const id = identifiers.next();
      if (count % 1000 === 0) expect(id).toMatch(/^[0-9a-f]{16}$/);
      seen.add(id);
    }
    expect(seen.size).toBe(200_000);
    expect(identifiers.origin).toMatch(/^[0-9a-f]{16}$/);
  });

  it("of two gateways differ", () => {
    const first = createIdentifiers(seededRandom(1));
    const second = createIdentifiers(seededRandom(2));
    expect(first.origin).not.toBe(second.origin);
    expect(first.next()).not.toBe(second.next());
    expect(first.next().slice(0, 8)).not.toBe(second.next().slice(0, 8));
  });

  it("cannot be all zero, which traces forbid, whatever chance says", () => {
    for (const random of [() => 0, () => 1 - 2 ** -53]) {
      const identifiers = createIdentifiers(random);
      expect(identifiers.origin).not.toBe("0".repeat(16));
      for (let count = 0; count < 3; count++)
        expect(identifiers.next()).not.toBe("0".repeat(16));
    }
  });
});
