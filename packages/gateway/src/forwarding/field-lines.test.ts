import { describe, expect, it } from "vitest";
import { fieldValue, withoutFields } from "./field-lines.ts";

const lines = "A: 1\r\nB:2 \r\na:\t3\r\nAB: 4\r\nC:\r\nD: x:y\r\n";

describe("field lines", () => {
  it("give a field's value by its whole name in any case, several joined in order", () => {
    expect(fieldValue(lines, "a")).toBe("1, 3");
    expect(fieldValue(lines, "b")).toBe("2");
    expect(fieldValue(lines, "ab")).toBe("4");
    expect(fieldValue(lines, "c")).toBe("");
    expect(fieldValue(lines, "d")).toBe("x:y");
    expect(fieldValue(lines, "x")).toBeUndefined();
    expect(fieldValue("", "a")).toBeUndefined();
  });

  it("lose the fields that are dropped and nothing else", () => {
    expect(withoutFields(lines, (name) => name === "a")).toBe(
      "B:2 \r\nAB: 4\r\nC:\r\nD: x:y\r\n",
    );
    expect(withoutFields(lines, () => false)).toBe(lines);
    expect(withoutFields(lines, () => true)).toBe("");
  });
});
