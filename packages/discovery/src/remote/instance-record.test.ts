import { DpError, InvalidOptionError } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveSpec } from "../instance-spec.ts";
import {
  asJsonCarriesIt,
  nextIncarnation,
  readRecord,
  writeRecord,
} from "./instance-record.ts";

const incarnation = { number: 7, owner: "me" };

describe("an instance as text", () => {
  it("is read as it was written", () => {
    const specs = fc.record(
      {
        host: fc.string({ minLength: 1 }),
        port: fc.integer({ min: 1, max: 65_535 }),
        weight: fc.double({ min: 0.001, max: 1e6, noNaN: true }),
        priority: fc.nat(),
        zone: fc.string({ minLength: 1 }),
        metadata: fc.dictionary(
          fc.string().filter((key) => key !== "__proto__"),
          fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>,
        ),
      },
      { requiredKeys: ["host", "port"] },
    );
    fc.assert(
      fc.property(specs, fc.boolean(), (spec, drains) => {
        const { instance } = resolveSpec({ service: "s", id: "i", ...spec });
        const written = asJsonCarriesIt({
          ...instance,
          state: drains ? "draining" : "serving",
        });
        const text = writeRecord({ ...written, revision: 99n }, incarnation);
        expect(readRecord(text, "s", "i", "here")).toEqual({
          instance: written,
          incarnation,
        });
      }),
    );
  });

  it("may be written by hand, with the least there is", () => {
    const record = readRecord('{"host":"a","port":1}', "s", "i", "here");
    expect(record.instance).toMatchObject({
      service: "s",
      id: "i",
      weight: 1,
      state: "serving",
    });
    expect(record.incarnation).toBeUndefined();
  });

  it.each([
    ["0", 0],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ["9007199254740992", undefined],
    ["1e21", undefined],
    ["1e400", undefined],
    ["-1", undefined],
    ["0.5", undefined],
    ['"7"', undefined],
  ])(
    "is nobody's unless its number is one that others can follow: %s",
    (text, number) => {
      const incarnation = `{"number":${text},"owner":"o"}`;
      const record = readRecord(
        `{"host":"a","port":1,"incarnation":${incarnation}}`,
        "s",
        "i",
        "here",
      );
      expect(record.instance.host).toBe("a");
      expect(record.incarnation?.number).toBe(number);
    },
  );

  it.each([
    "",
    "nonsense",
    "[]",
    "null",
    "7",
    "{}",
    '{"host":"a"}',
    '{"host":"a","port":"80"}',
    '{"host":7,"port":80}',
    '{"host":"a","port":80,"weight":-1}',
    '{"host":"a","port":80,"zone":5}',
  ])("names the place of what is none: %s", (text) => {
    const read = () => readRecord(text, "s", "i", "/dp/s/i");
    expect(read).toThrow(DpError);
    expect(read).toThrow(/^DP_BAD_RECORD: \/dp\/s\/i: not /);
  });

  it("cannot carry everything", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    for (const metadata of [{ big: 1n }, cycle]) {
      const { instance } = resolveSpec({
        service: "s",
        host: "a",
        port: 1,
        metadata,
      });
      expect(() => asJsonCarriesIt(instance)).toThrow(InvalidOptionError);
    }
  });
});

describe("the number of an incarnation", () => {
  it("is above what is there, and grows over a registry that forgot", async () => {
    const clock = new ManualClock();
    clock.jumpWall(1_000_000.5 - clock.wallNow());
    expect(nextIncarnation(undefined, clock.wallNow())).toBe(1_000_000);
    expect(nextIncarnation(5_000_000, clock.wallNow())).toBe(5_000_001);
    await clock.advance(10);
    expect(nextIncarnation(undefined, clock.wallNow())).toBe(1_000_010);
  });
});
