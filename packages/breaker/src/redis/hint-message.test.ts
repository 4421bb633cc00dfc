import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMessage, writeMessage } from "./hint-message.ts";

const hint = {
  breaker: "payments",
  source: "a",
  state: "open",
  forMs: 5_000,
} as const;
const changed = (part: object): string =>
  JSON.stringify({ v: 1, ...hint, ...part });

describe("a message", () => {
  it("carries a hint", () => {
    const message = writeMessage(hint);
    expect(JSON.parse(message)).toEqual({ v: 1, ...hint });
    expect(readMessage(message)).toEqual(hint);
  });

  it("is valid for a day at most", () => {
    expect(readMessage(changed({ forMs: 1e300 }))?.forMs).toBe(86_400_000);
    expect(
      readMessage(
        '{"v":1,"source":"a","breaker":"b","state":"open","forMs":1e999}',
      )?.forMs,
    ).toBe(86_400_000);
  });

  it("brings nothing along that is not of a hint", () => {
    expect(readMessage(changed({ evil: true, __proto__: {} }))).toEqual(hint);
  });

  it("is refused when anything about it is wrong", () => {
    for (const message of [
      undefined,
      Buffer.from(changed({})),
      "",
      "rubbish",
      "null",
      "1",
      "[]",
      "{}",
      changed({ v: 2 }),
      changed({ v: "1" }),
      changed({ source: "" }),
      changed({ source: 7 }),
      changed({ source: "a".repeat(65) }),
      changed({ breaker: "" }),
      changed({ breaker: null }),
      changed({ breaker: "a".repeat(201) }),
      changed({ state: "half-open" }),
      changed({ forMs: -1 }),
      changed({ forMs: "5" }),
      changed({ forMs: null }),
      changed({ more: "a".repeat(1_024) }),
      changed({ more: "€".repeat(330) }),
    ])
      expect(readMessage(message)).toBeUndefined();
  });

  it("of any kind never makes reading throw, and gives a hint within bounds or none", () => {
    const message = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({
          breaker: fc.anything(),
          source: fc.anything(),
          state: fc.constantFrom("open", "closed", "other"),
          forMs: fc.oneof(fc.double(), fc.anything()),
        })
        .map((part) => {
          try {
            return changed(part);
          } catch {
            return "";
          }
        }),
    );
    fc.assert(
      fc.property(message, (text) => {
        const read = readMessage(text);
        if (read === undefined) return;
        expect(read.breaker.length).toBeLessThanOrEqual(200);
        expect(read.source.length).toBeLessThanOrEqual(64);
        expect(read.forMs).toBeGreaterThanOrEqual(0);
        expect(read.forMs).toBeLessThanOrEqual(86_400_000);
      }),
    );
  });
});
