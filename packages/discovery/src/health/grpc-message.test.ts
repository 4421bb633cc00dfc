import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeHealthStatus, encodeHealthRequest } from "./grpc-message.ts";

/** A message with its flag and length before it. */
const framed = (message: readonly number[], flag = 0): Buffer => {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, Buffer.from(message)]);
};
const decode = (...message: number[]): number | undefined =>
  decodeHealthStatus(framed(message));

/** Any number below 2^64 in groups of seven bits, by the book. */
const varint = (value: bigint): number[] =>
  value < 128n
    ? [Number(value)]
    : [Number(value % 128n) + 128, ...varint(value / 128n)];

describe("a health request", () => {
  it("is an empty message for the server as a whole", () => {
    expect(encodeHealthRequest("")).toEqual(Buffer.from([0, 0, 0, 0, 0]));
  });

  it("names the service in UTF-8, whatever its length", () => {
    expect([...encodeHealthRequest("a.B")]).toEqual([
      ...[0, 0, 0, 0, 5, 0x0a, 3],
      ...Buffer.from("a.B"),
    ]);
    for (const service of [
      "ä".repeat(63),
      "ä".repeat(64),
      "x".repeat(20_000),
    ]) {
      const bytes = [...Buffer.from(service)];
      const field = [0x0a, ...varint(BigInt(bytes.length)), ...bytes];
      expect(encodeHealthRequest(service)).toEqual(framed(field));
    }
  });
});

describe("a health status", () => {
  it("is the number in field 1, and 0 (UNKNOWN) without it", () => {
    for (const status of [0, 1, 2, 3, 127])
      expect(decode(0x08, status)).toBe(status);
    expect(decode(0x08, 0x81, 0x01)).toBe(129);
    expect(decode()).toBe(0);
  });

  it("is the last of several, among unknown fields of every kind", () => {
    const unknown = [
      ...[0x10, 0xff, 0x01],
      ...[0x11, 1, 2, 3, 4, 5, 6, 7, 8],
      ...[0x1a, 2, 0x08, 0x02],
      ...[0x25, 1, 2, 3, 4],
      // Field 1 of another kind is another field.
      ...[0x0a, 1, 2],
    ];
    expect(decode(0x08, 2, ...unknown, 0x08, 1, ...unknown)).toBe(1);
  });

  it("is not to be had from a body that is no single plain message", () => {
    const bad = [
      Buffer.alloc(0),
      Buffer.from([0, 0, 0, 0]),
      framed([0x08, 1], 1),
      framed([0x08, 1]).subarray(0, 6),
      Buffer.concat([framed([0x08, 1]), framed([0x08, 1])]),
      Buffer.concat([framed([0x08, 1]), Buffer.from([0])]),
    ];
    for (const body of bad) expect(decodeHealthStatus(body)).toBeUndefined();
  });

  it("is not to be had from a message that breaks off or cannot be", () => {
    const bad = [
      [0x08],
      [0x08, 0x80],
      [0x08, 1, 0x80],
      [0x08, ...Array<number>(10).fill(0x80), 1],
      [0x00, 1],
      [0x12, 5, 1],
      [0x12],
      [0x11, 1, 2, 3],
      [0x25, 1],
      [0x0b],
      [0x0c],
      [0x0e],
      [0x0f],
    ];
    for (const message of bad) expect(decode(...message)).toBeUndefined();
  });

  it("never is SERVING by accident: random bytes are read without harm", () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(bytes, (random) => {
        const status = decode(...random);
        if (status !== 1) return;
        // Somewhere in it the field and its value must stand.
        expect(Buffer.from(random).includes(0x08)).toBe(true);
        expect(
          Buffer.from(random).includes(0x01) || random.includes(0x81),
        ).toBe(true);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it("is found after any list of whole fields, and lost with any byte off the end", () => {
    const field = fc
      .tuple(
        fc.integer({ min: 2, max: 5000 }),
        fc.oneof(
          fc.bigInt(0n, 2n ** 64n - 1n).map((value) => [0, ...varint(value)]),
          fc
            .uint8Array({ minLength: 8, maxLength: 8 })
            .map((bytes) => [1, ...bytes]),
          fc
            .uint8Array({ maxLength: 200 })
            .map((bytes) => [2, ...varint(BigInt(bytes.length)), ...bytes]),
          fc
            .uint8Array({ minLength: 4, maxLength: 4 })
            .map((bytes) => [5, ...bytes]),
        ),
      )
      .map(([number, [kind = 0, ...value]]) => [
        ...varint(BigInt(number * 8 + kind)),
        ...value,
      ]);
    fc.assert(
      fc.property(fc.array(field, { maxLength: 5 }), (fields) => {
        const before = fields.flat();
        expect(decode(...before, 0x08, 1)).toBe(1);
        expect(decode(...before, 0x08)).toBeUndefined();
        expect(decode(0x08, 1, ...before)).toBe(1);
        if (before.length > 0)
          expect(decode(0x08, 1, ...before.slice(0, -1))).not.toBe(2);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
