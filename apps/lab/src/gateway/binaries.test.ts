import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { findProgram, requireProgram } from "./binaries.ts";

describe("findProgram", () => {
  it("finds an installed program by its full path", () => {
    expect(basename(findProgram("sh") ?? "")).toBe("sh");
  });

  it("does not find what is not there", () => {
    expect(findProgram("no-such-program")).toBeUndefined();
  });
});

describe("requireProgram", () => {
  it("says what is not installed", () => {
    expect(() => requireProgram("no-such-program")).toThrow(
      "no-such-program is not installed",
    );
  });
});
