import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseList } from "./structured-list.ts";

/** The members as text and plain object. */
const read = (text: string): unknown =>
  parseList(text)?.map(({ text: name, integers }) => [
    name,
    Object.fromEntries(integers),
  ]);

describe("a list of structured fields", () => {
  it("has Strings with their integer parameters", () => {
    expect(read('"a";r=5;t=30, "b";r=0')).toEqual([
      ["a", { r: 5, t: 30 }],
      ["b", { r: 0 }],
    ]);
    expect(read("")).toEqual([]);
    expect(read("   ")).toEqual([]);
    expect(read('  "a" \t,\t "b"; r=-1; r=7')).toEqual([
      ["a", {}],
      ["b", { r: 7 }],
    ]);
  });

  it("undoes escapes", () => {
    expect(read(String.raw`"a \"b\" \\c"`)).toEqual([['a "b" \\c', {}]]);
  });

  it("may have parameters of every type", () => {
    expect(
      read(
        '"a";b;c=?0;d=1.5;e=tok/en;f=:aGk=:;g="s";h=@-1659578233;i=%"f%c3%bc";j=*x;r=1',
      ),
    ).toEqual([["a", { r: 1 }]]);
  });

  it("may have members that are no Strings", () => {
    expect(read("limit, 5;r=1, ?1")).toEqual([
      [undefined, {}],
      [undefined, { r: 1 }],
      [undefined, {}],
    ]);
  });

  it.each([
    '"a',
    '"a"b',
    '"a",',
    ',"a"',
    '"a",,"b"',
    '"a" ;r=1',
    '"a";',
    '"a";R=1',
    '"a";r =1',
    '"a";r= 1',
    '"a";r=',
    '"a";r=1234567890123456',
    '"a";r=1.',
    '"a";r=1.2345',
    '"a";r=--1',
    String.raw`"a\b"`,
    '"é"',
    '"a\tb"',
    "(1 2)",
    '"a";f=:a:b:',
    '"a";c=?2',
    "a=1",
    "limit=10, remaining=5",
    `"${"a".repeat(70_000)}"`,
  ])("is none if it is %s", (text) => {
    expect(read(text)).toBeUndefined();
  });

  it("gives back whatever is written as one", () => {
    const item = fc.record({
      text: fc.string({
        unit: fc
          .integer({ min: 32, max: 126 })
          .map((code) => String.fromCharCode(code)),
      }),
      parameters: fc.dictionary(
        fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,5}$/),
        fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }),
        { noNullPrototype: true, maxKeys: 4 },
      ),
    });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 5 }), (items) => {
        const written = items
          .map(({ text, parameters }) =>
            [
              `"${text.replace(/["\\]/g, "\\$&")}"`,
              ...Object.entries(parameters).map(
                ([key, value]) => `${key}=${value}`,
              ),
            ].join(";"),
          )
          .join(", ");
        expect(read(written)).toEqual(
          items.map(({ text, parameters }) => [text, parameters]),
        );
      }),
      { seed: 3 },
    );
  });
});
