import { describe, expect, it } from "vitest";
import { connectionOptions, withoutNamed } from "./hop-by-hop.ts";

describe("connectionOptions", () => {
  it("tells whether the connection stays, close before keep-alive", () => {
    for (const [value, persists] of [
      ["", undefined],
      ["keep-alive", true],
      ["KEEP-ALIVE", true],
      ["close", false],
      ["x-mine", undefined],
      ["keep-alive, close", false],
      ["close , Keep-Alive", false],
    ] as const)
      expect(connectionOptions(value).persists, value).toBe(persists);
  });

  it("lists the other fields in lower case, without empty elements", () => {
    const { named } = connectionOptions(" X-One,, keep-alive ,\tx-Two ,");
    expect([...named]).toEqual(["x-one", "x-two"]);
  });

  it("never hands out names of one message to another", () => {
    connectionOptions("keep-alive, x-one");
    expect([...connectionOptions("keep-alive").named]).toEqual([]);
  });
});

describe("withoutNamed", () => {
  it("drops what is named, whatever its case, but not what is kept", () => {
    const lines = "X-One: 1\r\nHost: a\r\nx-two: 2\r\n";
    const named = new Set(["x-one", "host"]);
    expect(withoutNamed(lines, named, new Set(["host"]))).toBe(
      "Host: a\r\nx-two: 2\r\n",
    );
    expect(withoutNamed(lines, new Set())).toBe(lines);
  });
});
