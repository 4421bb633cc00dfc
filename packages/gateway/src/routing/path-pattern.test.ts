import { describe, expect, it } from "vitest";
import {
  comparePatterns,
  parsePathPattern,
  patternMatches,
  patternParameters,
  patternShape,
  type PathPattern,
} from "./path-pattern.ts";

const pattern = (text: string): PathPattern => {
  const parsed = parsePathPattern(text);
  if (parsed.kind === "fault") throw new Error(parsed.reason);
  return parsed;
};

const fault = (text: string): string | undefined => {
  const parsed = parsePathPattern(text);
  return parsed.kind === "fault" ? parsed.reason : undefined;
};

describe("a path pattern", () => {
  it("without wildcards is that path alone", () => {
    expect(patternMatches(pattern("/a"), "/a")).toBe(true);
    expect(patternMatches(pattern("/a"), "/a/")).toBe(false);
    expect(patternMatches(pattern("/a/"), "/a")).toBe(false);
    expect(patternMatches(pattern("/a"), "/A")).toBe(false);
    expect(patternMatches(pattern("/"), "/")).toBe(true);
  });

  it("with ** takes the path and everything below, but no longer segment", () => {
    for (const path of ["/a", "/a/", "/a/b", "/a/b/c/"])
      expect(patternMatches(pattern("/a/**"), path)).toBe(true);
    expect(patternMatches(pattern("/a/**"), "/ab")).toBe(false);
    expect(patternMatches(pattern("/**"), "/")).toBe(true);
  });

  it("with a parameter takes one segment that is not empty", () => {
    expect(patternMatches(pattern("/a/:id"), "/a/7")).toBe(true);
    expect(patternMatches(pattern("/a/:id"), "/a/")).toBe(false);
    expect(patternMatches(pattern("/a/:id"), "/a/7/")).toBe(false);
    expect(patternMatches(pattern("/a/:id/**"), "/a/7")).toBe(true);
    expect(patternParameters(pattern("/:b/:a"))).toEqual(["b", "a"]);
  });

  it("with a regex holds ^ for every alternative and names its groups", () => {
    const regex = pattern("~^/v(?<major>\\d+)/|/beta/(?<rest>.*)");
    expect(patternMatches(regex, "/v1/x")).toBe(true);
    expect(patternMatches(regex, "/beta/x")).toBe(true);
    expect(patternMatches(regex, "/x/beta/x")).toBe(false);
    expect(patternParameters(regex)).toEqual(["major", "rest"]);
  });

  it("is refused with the reason when it can never match or says two things", () => {
    expect(fault("a")).toMatch(/must start with \//);
    expect(fault("")).toMatch(/must start with \//);
    expect(fault("/a//b")).toMatch(/canonical form/);
    expect(fault("/a/../b")).toMatch(/canonical form/);
    expect(fault("/%7ea")).toMatch(/canonical form/);
    expect(fault("/a b")).toMatch(/never match/);
    expect(fault("/a%2fb")).toMatch(/never match/);
    expect(fault("/**/a")).toMatch(/last segment/);
    expect(fault("/a/*")).toMatch(/\/\*\* at its end/);
    expect(fault("/a*")).toMatch(/inside a segment/);
    expect(fault("/:")).toMatch(/a name is a letter/);
    expect(fault("/:__proto__")).toMatch(/a name is a letter/);
    expect(fault("/:a/:a")).toMatch(/:a twice/);
    expect(fault("~/a")).toMatch(/\^ after ~/);
    expect(fault("~^(")).toMatch(/no valid regex/);
  });

  it("has a shape that forgets the names of parameters", () => {
    expect(patternShape(pattern("/a/:x/**"))).toBe(
      patternShape(pattern("/a/:y/**")),
    );
    expect(patternShape(pattern("/a/:x"))).not.toBe(
      patternShape(pattern("/a/x")),
    );
  });

  it("comes before those it is more specific than", () => {
    // The first of two neighbours is asked first for a path that both match.
    const inOrder = [
      "/a/b",
      "/a/b/c/**",
      "/a/b/**",
      "/a/:x/c",
      "/a/:x",
      "/a/:x/**",
      "/a/**",
      "/:x/b",
      "/:x",
      "/:x/**",
      "/**",
      "~^/",
    ];
    const sorted = [...inOrder].reverse().map(pattern).sort(comparePatterns);
    expect(sorted.map(({ text }) => text)).toEqual(inOrder);
  });
});
