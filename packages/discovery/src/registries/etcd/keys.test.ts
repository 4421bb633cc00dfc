import { InvalidOptionError } from "@dp/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Keys } from "./keys.ts";

const name = fc.oneof(
  fc.string({ unit: "binary", minLength: 1 }),
  fc.string({
    unit: fc.constantFrom("/", "%", "2", "F", "5", "a"),
    minLength: 1,
  }),
);

describe("Keys", () => {
  it("writes plain names as they are", () => {
    expect(new Keys("/dp/discovery").of("web", "10.0.0.1:80")).toBe(
      "/dp/discovery/web/10.0.0.1:80",
    );
    expect(new Keys("/x/").of("a/b", "50%")).toBe("/x/a%2Fb/50%25");
  });

  it("gives back the names of every key it makes", () => {
    fc.assert(
      fc.property(name, name, (service, id) => {
        const keys = new Keys("/p");
        expect(keys.names(keys.of(service, id))).toEqual({ service, id });
      }),
    );
  });

  it("never puts a key of one service below another", () => {
    fc.assert(
      fc.property(name, name, name, (one, other, id) => {
        fc.pre(one !== other);
        const keys = new Keys("/p");
        expect(keys.of(one, id).startsWith(keys.ofService(other))).toBe(false);
      }),
    );
  });

  it("knows no names for a key it never makes", () => {
    const keys = new Keys("/p");
    const strange = [
      "/p/a",
      "/p/a/",
      "/p//b",
      "/p/a/b/c",
      "/q/a/b",
      "/p/a/b%",
      "/p/a%2f/b",
    ];
    for (const key of strange) expect(keys.names(key), key).toBeUndefined();
  });

  it("refuses half a character, which no key can hold", () => {
    expect(() => new Keys("/p").of("web", "\ud800")).toThrow(
      InvalidOptionError,
    );
    expect(() => new Keys("/p").ofService("\udc00")).toThrow(/service/);
  });
});
