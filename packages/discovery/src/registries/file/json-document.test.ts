import { describe, expect, it } from "vitest";
import { badFile } from "./document.ts";
import { readJson } from "./json-document.ts";

/** Why the text is refused, as a person reads it. */
const refusalOf = (text: string): string => {
  try {
    readJson(text);
  } catch (error) {
    return badFile("f", error).message;
  }
  return "nothing";
};

describe("a JSON text of a stranger", () => {
  const long = "a".repeat(5000);

  it.each([
    ["has no end", `"${long}`],
    ["has a wrong escape at its end", `"${long}\\x"`],
    ["has escapes and no end", `"${"\\n".repeat(5000)}`],
    ["has a line break in it", `"${long}\n"`],
  ])("is refused at once when a string %s", (_name, string) => {
    expect(refusalOf(`{\n"services": ${string}`)).toMatch(
      /^DP_BAD_FILE: f:2: is not valid JSON: "/,
    );
  });

  it.each([
    ["as they are", "a", 15_000_000],
    ["as escapes", "\\n", 7_500_000],
  ])(
    "may have millions of characters in a string, %s",
    (_name, each, count) => {
      const text = `"${each.repeat(count)}"`;
      expect(readJson(text).value).toHaveLength(count);
    },
  );

  it("is refused with the line when it has more levels than 200", () => {
    const nested = (levels: number) =>
      "[\n".repeat(levels) + "]".repeat(levels);
    expect(refusalOf(nested(200))).toBe("nothing");
    for (const levels of [201, 20_000])
      expect(refusalOf(nested(levels))).toBe(
        "DP_BAD_FILE: f:201: has more than 200 levels",
      );
  });

  it("tells its lines in little room, however long its names are", () => {
    const name = "n".repeat(1_000_000);
    const list = JSON.stringify(Array.from({ length: 8000 }, () => 1));
    const document = readJson(`{"${name}":\n{"${name}":\n${list},\n"b": 2}}`);
    expect(document.lineOf([name, name, 7999], false)).toBe(3);
    expect(document.lineOf([name, "b"], true)).toBe(4);
    expect(document.lineOf([name, "c"], false)).toBe(2);
  });
});
