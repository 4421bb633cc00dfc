import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalPath } from "./canonical-path.ts";

const becomes = (cases: Record<string, string>): void => {
  for (const [raw, canonical] of Object.entries(cases))
    expect([raw, canonicalPath(raw)]).toEqual([raw, canonical]);
};

const refuses = (...raws: string[]): void => {
  for (const raw of raws)
    expect([raw, canonicalPath(raw)]).toEqual([raw, undefined]);
};

describe("a canonical path", () => {
  it("is left as it is", () => {
    becomes({
      "/": "/",
      "/a": "/a",
      "/a/": "/a/",
      "/a/b.c/d-e_f~g": "/a/b.c/d-e_f~g",
      "/a;v=1/b,c/@me/x:y/!$&'()*+=": "/a;v=1/b,c/@me/x:y/!$&'()*+=",
      "/.well-known/x": "/.well-known/x",
      "/...": "/...",
      "/..a/.b/c..": "/..a/.b/c..",
      "/a/%2B%20%C3%A9": "/a/%2B%20%C3%A9",
    });
  });

  it("has unreserved characters decoded and other escapes in upper case", () => {
    becomes({
      "/%61%7A%41%30": "/azA0",
      "/%7euser/%2dx%5f": "/~user/-x_",
      "/a%2bb%3d%c3%a9": "/a%2Bb%3D%C3%A9",
      "/a%3fb%23c": "/a%3Fb%23c",
      "/%25%32%65": "/%252e",
      "/a%0a%7f%ff": "/a%0A%7F%FF",
    });
  });

  it("has characters that a URI may not hold escaped", () => {
    becomes({ '/"<>[]^`{|}': "/%22%3C%3E%5B%5D%5E%60%7B%7C%7D" });
  });

  it("has dot segments resolved, escaped ones too", () => {
    becomes({
      "/.": "/",
      "/a/.": "/a/",
      "/a/./b": "/a/b",
      "/a/..": "/",
      "/a/b/..": "/a/",
      "/a/b/../c": "/a/c",
      "/a/%2e%2E/b": "/b",
      "/a/.%2e/b": "/b",
      "/a/%2e/b": "/a/b",
      "/a/b/../../": "/",
    });
  });

  it("has slashes merged before dot segments are resolved", () => {
    becomes({
      "//": "/",
      "///a": "/a",
      "/a//b": "/a/b",
      "/a//": "/a/",
      "/a//../b": "/b",
      "/a/.//b": "/a/b",
      "//evil.example/x": "/evil.example/x",
    });
  });

  it("keeps parameters of a segment in it", () => {
    becomes({
      "/a;x/b": "/a;x/b",
      "/a;x=%2e%2e/b": "/a;x=../b",
      "/a;/../b": "/b",
    });
  });
});

describe("a refused path", () => {
  it("goes above the root", () => {
    refuses("/..", "/../a", "/a/../..", "/a/../../b", "/%2e%2e", "//..");
  });

  it("hides a slash, a backslash or NUL", () => {
    refuses("/a%2fb", "/a%2Fb", "/a%5cb", "/a%5C", "/%00", "/a\\b");
  });

  it("has a bad escape", () => {
    refuses("/%", "/a%", "/a%2", "/%g0", "/%0g", "/% 1", "/%-1", "/%%41");
  });

  it("holds what cannot be in a path", () => {
    refuses("/a#b", "/a?b", "/a b", "/a\tb", "/a\0", "/\x7f", "/\x1f", "/\r\n");
    refuses("/é", "/\x80", "/\xff", "/\u0141", "/\u{1f600}");
  });

  it("does not start with a slash", () => {
    refuses("", "a", "*", "http://a/", ".", "%2f");
  });
});

/** The rules one after another, without any thought of speed. */
const reference = (raw: string): string | undefined => {
  if (!/^\/[\x21-\x7e]*$/.test(raw) || /[\\#?]/.test(raw)) return undefined;
  if (/%(?![0-9a-fA-F]{2})/.test(raw) || /%(2f|5c|00)/i.test(raw))
    return undefined;
  const decoded = raw
    .replace(/%[0-9a-fA-F]{2}/g, (escape) => {
      const character = String.fromCharCode(parseInt(escape.slice(1), 16));
      return /[A-Za-z0-9._~-]/.test(character)
        ? character
        : escape.toUpperCase();
    })
    .replace(
      /[^A-Za-z0-9._~!$&'()*+,;=:@/%-]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  let rest = decoded.replace(/\/+/g, "/");
  let out = "";
  // RFC 3986 section 5.2.4, but going above the root is refused.
  while (rest !== "") {
    if (rest.startsWith("/./")) rest = rest.slice(2);
    else if (rest === "/.") rest = "/";
    else if (rest.startsWith("/../") || rest === "/..") {
      if (out === "") return undefined;
      out = out.slice(0, out.lastIndexOf("/"));
      rest = rest === "/.." ? "/" : rest.slice(3);
    } else {
      const segment = /^\/[^/]*/.exec(rest)?.[0] ?? "";
      out += segment;
      rest = rest.slice(segment.length);
    }
  }
  return out;
};

const piece = fc.oneof(
  fc.constantFrom(
    ..."/ / . .. a b % %2e %2E %2f %5C %61 %7e %c3 %25 ; : @ | \\ # ? é".split(
      " ",
    ),
  ),
  fc.string({ maxLength: 3 }),
);
const rawPath = fc
  .array(piece, { maxLength: 12 })
  .map((pieces) => `/${pieces.join("")}`);

describe("for any path", () => {
  it("agrees with the rules applied one by one", () => {
    fc.assert(
      fc.property(rawPath, (raw) => {
        expect(canonicalPath(raw)).toBe(reference(raw));
      }),
      { numRuns: 5_000 },
    );
  });

  it("gives a path that is canonical", () => {
    fc.assert(
      fc.property(rawPath, (raw) => {
        const once = canonicalPath(raw);
        if (once !== undefined) expect(canonicalPath(once)).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });

  it("gives every single character the place that RFC 3986 gives it", () => {
    for (let code = 0; code < 300; code++) {
      const raw = `/x${String.fromCharCode(code)}y`;
      expect([code, canonicalPath(raw)]).toEqual([code, reference(raw)]);
    }
  });
});
