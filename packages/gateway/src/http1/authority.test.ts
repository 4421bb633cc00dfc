import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostOf, isAuthority, splitAbsolute } from "./authority.ts";

describe("an authority", () => {
  it("is a name or address with an optional port, and nothing else", () => {
    for (const text of [
      "a",
      "a.b-c",
      "EXAMPLE.com:80",
      "a:",
      "a:0",
      "a:65535",
      "1.2.3.4:80",
      "[::1]",
      "[2001:db8::1]:443",
      "[::ffff:1.2.3.4]",
      "a_b",
      "%41b",
      "a,b;c=d",
    ])
      expect(isAuthority(text), text).toBe(true);
    for (const text of [
      "",
      ":80",
      "a:65536",
      "a:000080",
      "a:-1",
      "a:8a",
      "a:1:2",
      "u@a",
      "a/b",
      "a?b",
      "a#b",
      "a b",
      "a\tb",
      "a\\b",
      "é",
      "%4",
      "a%zz",
      "[]",
      "[a]",
      "[::1",
      "::1]",
      "::1",
      "[::1]a",
      "[::1]:a",
      "[fe80::1%25eth0]",
      "[1.2.3.4]",
      "a[::1]",
      "[[::1]]",
      "<a>",
      'a"',
    ])
      expect(isAuthority(text), text).toBe(false);
  });

  it("gives its host in lower case, without port", () => {
    for (const [text, host] of [
      ["A.Example", "a.example"],
      ["a:80", "a"],
      ["a:", "a"],
      ["[::A]:80", "[::a]"],
      ["[::1]", "[::1]"],
      ["", ""],
    ] as const)
      expect(hostOf(text)).toBe(host);
  });

  it("never lets a delimiter of a URL through", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."aA1.-:[]@/?#\\ %,".split("")) }),
        (text) => {
          if (isAuthority(text)) expect(text).not.toMatch(/[@/?#\\ ]/);
        },
      ),
      { numRuns: 2_000, seed: 1 },
    );
  });
});

describe("an absolute target", () => {
  it("is split after its authority, wherever it stands in a text", () => {
    for (const [target, authority, rest] of [
      ["http://a/b?c", "a", "/b?c"],
      ["HTTP://A:80?c", "A:80", "?c"],
      ["http://a", "a", ""],
      ["http:///b", "", "/b"],
      ["http://u@a/b", "u@a", "/b"],
    ] as const) {
      const text = `GET ${target} HTTP/1.1`;
      const end = 4 + target.length;
      const parts = splitAbsolute(text, 4, end);
      expect(parts?.authority).toBe(authority);
      expect(text.slice(parts?.pathStart, end)).toBe(rest);
    }
  });

  it("has the scheme http", () => {
    for (const target of ["https://a/", "http:/a", "ws://a/", "//a/", "a:80"])
      expect(splitAbsolute(target, 0, target.length)).toBeUndefined();
  });
});
