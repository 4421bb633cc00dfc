import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cidr } from "../config/resolved.ts";
import { createClientAddresses, plainAddress } from "./client-address.ts";

const cidr = (
  address: string,
  prefix: number,
  family: "ipv4" | "ipv6",
): Cidr => ({ text: `${address}/${prefix}`, address, prefix, family });

const addresses = createClientAddresses([
  cidr("10.0.0.0", 8, "ipv4"),
  cidr("192.168.1.7", 32, "ipv4"),
  cidr("fd00::", 8, "ipv6"),
]);

describe("a trusted address", () => {
  it("is in one of the networks, as a plain or a mapped one", () => {
    for (const text of ["10.0.0.1", "10.255.1.2", "192.168.1.7", "fd12::1"])
      expect(addresses.trusts(text), text).toBe(true);
    for (const text of [
      "11.0.0.1",
      "192.168.1.8",
      "fe80::1",
      "",
      "x",
      "10.0.0",
    ])
      expect(addresses.trusts(text), text).toBe(false);
    expect(plainAddress("::ffff:10.0.0.1")).toBe("10.0.0.1");
    expect(plainAddress("::ffff:1")).toBe("::ffff:1");
    expect(createClientAddresses([]).trusts("127.0.0.1")).toBe(false);
  });
});

describe("the client's address", () => {
  it("is the first from the right that is not trusted", () => {
    for (const [peer, forwarded, client] of [
      ["1.1.1.1", "", "1.1.1.1"],
      ["10.0.0.1", "", "10.0.0.1"],
      ["10.0.0.1", "2.2.2.2", "2.2.2.2"],
      ["10.0.0.1", "3.3.3.3, 2.2.2.2", "2.2.2.2"],
      ["10.0.0.1", "3.3.3.3, 10.9.9.9", "3.3.3.3"],
      ["10.0.0.1", "2.2.2.2,10.9.9.9 ,\tfd00::9", "2.2.2.2"],
      ["10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
      ["10.0.0.1", "2.2.2.2, unknown", "10.0.0.1"],
      ["10.0.0.1", "2.2.2.2, _hidden, 10.0.0.2", "10.0.0.2"],
      ["10.0.0.1", "2.2.2.2,, 10.0.0.2", "10.0.0.2"],
      ["10.0.0.1", "2.2.2.2:80", "10.0.0.1"],
      ["10.0.0.1", "::ffff:2.2.2.2", "2.2.2.2"],
      ["fd00::1", "2001:db8::1", "2001:db8::1"],
      // A peer that is not trusted is the client, whatever it sends.
      ["1.1.1.1", "2.2.2.2", "1.1.1.1"],
    ] as const)
      expect(addresses.client(peer, forwarded), forwarded).toBe(client);
  });

  it("cannot be moved by what stands left of it", () => {
    const address = fc.constantFrom(
      "10.0.0.1",
      "10.2.3.4",
      "5.6.7.8",
      "fd00::1",
      "2001:db8::1",
      "unknown",
      "",
    );
    fc.assert(
      fc.property(
        fc.array(address, { maxLength: 4 }),
        fc.constantFrom("5.6.7.8", "2001:db8::1"),
        fc.array(fc.constantFrom("10.0.0.1", "fd00::1"), { maxLength: 3 }),
        (forged, client, proxies) => {
          const forwarded = [...forged, client, ...proxies].join(", ");
          expect(addresses.client("10.0.0.9", forwarded)).toBe(client);
        },
      ),
      { numRuns: 500, seed: 1 },
    );
  });
});
