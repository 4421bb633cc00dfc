import { describe, expect, it } from "vitest";
import { interpolate, typedValues } from "./interpolate.ts";

const sources = {
  env: { A: "1", B: "two", EMPTY: "", NESTED: "${A}" },
  readFile: (path: string): string => {
    if (path === "./key.txt") return "digest\r\n\n";
    throw new Error(`no ${path}`);
  },
};

const text = (value: string): unknown => interpolate(value, sources);

describe("interpolation", () => {
  it("leaves other texts alone", () => {
    expect(text("a")).toBeUndefined();
    expect(text("$A {A}")).toBeUndefined();
    expect(text("x file:./key.txt")).toBeUndefined();
  });

  it("puts variables in place, once", () => {
    expect(text("${B}")).toEqual({ text: "two", whole: true });
    expect(text("${EMPTY}")).toEqual({ text: "", whole: true });
    expect(text("a-${A}${B}")).toEqual({ text: "a-1two", whole: false });
    expect(text("${NESTED}")).toEqual({ text: "${A}", whole: true });
    expect(text("$${A} ${A}")).toEqual({ text: "${A} 1", whole: false });
  });

  it("puts a file's text in place without the line breaks at its end", () => {
    expect(text("file:./key.txt")).toEqual({ text: "digest", whole: false });
  });

  it("takes time in proportion to the text", () => {
    const readFile = (): string => `${"\n".repeat(50_000)}x`;
    expect(text("${".repeat(100_000))).toEqual({
      text: "${".repeat(100_000),
      whole: false,
    });
    expect(interpolate("file:x", { env: {}, readFile })).toEqual({
      text: readFile(),
      whole: false,
    });
  }, 1_000);

  it("names what is missing", () => {
    expect(text("${X}-${Y}")).toEqual({
      fault: expect.stringMatching(/"X", "Y" are not$/) as string,
    });
    expect(text("${}")).toEqual({
      fault: expect.stringMatching(/"" is not$/) as string,
    });
    expect(text("${constructor}")).toHaveProperty("fault");
    expect(text("file:./none")).toEqual({
      fault: "must name a readable file: no ./none",
    });
  });
});

describe("a variable where no text is allowed", () => {
  it("becomes the number or switch that it spells", () => {
    const at = (name: string): string[] => [name];
    expect(
      typedValues(
        [
          { at: at("a"), text: "12" },
          { at: at("b"), text: "-1.5" },
          { at: at("c"), text: "true" },
          { at: at("d"), text: "12px" },
          { at: at("e"), text: "12" },
        ],
        ["a", "b", "c", "d"].map((name) => ({ at: at(name), message: "" })),
      ),
    ).toEqual([
      { at: ["a"], value: 12 },
      { at: ["b"], value: -1.5 },
      { at: ["c"], value: true },
    ]);
  });
});
