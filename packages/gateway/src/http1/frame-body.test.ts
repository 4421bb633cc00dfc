import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BodyReader } from "./body-reader.ts";
import { frameBytes, frameText, type OutgoingFraming } from "./frame-body.ts";

const parts = fc.array(
  fc.array(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    { maxLength: 3 },
  ),
  { minLength: 1, maxLength: 5 },
);

describe("a framed body", () => {
  for (const framing of ["length", "chunked", "close"] as const)
    it(`(${framing}) is read back as what it was, part by part, as bytes and as text`, () => {
      fc.assert(
        fc.property(parts, fc.boolean(), (body, asText) => {
          const data = Buffer.concat(body.flat());
          const out: Buffer[] = [];
          for (const [index, pieces] of body.entries()) {
            const last = index === body.length - 1;
            const part = Buffer.concat(pieces);
            const framed = asText
              ? Buffer.from(
                  frameText(part.toString("latin1"), framing, last),
                  "latin1",
                )
              : frameBytes(pieces, part.length, framing, last);
            if (framed !== undefined) out.push(framed);
          }
          const wire = Buffer.concat(out);
          const reader = new BodyReader();
          reader.start(framing, data.length);
          const end = reader.read(wire, 0, wire.length);
          expect(end).toBe(wire.length);
          expect(Buffer.concat(reader.pieces)).toEqual(data);
          expect(framing === "close" ? reader.close() : reader.done).toBe(true);
        }),
        { numRuns: 300, seed: 1 },
      );
    });

  it("costs no write when there is nothing to send", () => {
    const cases: [OutgoingFraming, boolean][] = [
      ["none", true],
      ["length", false],
      ["length", true],
      ["close", true],
      ["chunked", false],
    ];
    for (const [framing, last] of cases) {
      expect(frameBytes([], 0, framing, last)).toBeUndefined();
      expect(frameText("", framing, last)).toBe("");
    }
    expect(frameText("", "chunked", true)).toBe("0\r\n\r\n");
  });

  it("never ends by an empty chunk before it is over", () => {
    expect(frameBytes([Buffer.alloc(0)], 0, "chunked", false)).toBeUndefined();
  });
});
