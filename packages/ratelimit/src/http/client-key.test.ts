import fc from "fast-check";
import { IncomingMessage } from "node:http";
import { isIP, Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { addressKey, clientKey } from "./client-key.ts";
import { parseAddress } from "./ip-address.ts";

const keyOf = addressKey();
const direct = (peer: string | undefined) => keyOf(peer, undefined);

describe("the key of a client", () => {
  it.each([
    ["1.2.3.4", "1.2.3.4"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["::FFFF:1.2.3.4", "1.2.3.4"],
    ["::ffff:102:304", "1.2.3.4"],
    ["0:0:0:0:0:ffff:0102:0304", "1.2.3.4"],
    ["[::ffff:1.2.3.4]:8080", "1.2.3.4"],
    ["1.2.3.4:8080", "1.2.3.4"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::1", "2001:db8:1:2::/64"],
    ["[2001:db8:1:2::1]:443", "2001:db8:1:2::/64"],
    ["[2001:db8:1:2::1]", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::1.2.3.4", "2001:db8:1:2::/64"],
    ["fe80::1%eth0", "fe80::/64"],
    ["64:ff9b::1.2.3.4", "64:ff9b::/64"],
    ["::1", "::/64"],
    ["::", "::/64"],
    [undefined, "unknown"],
    ["", "unknown"],
    ["garbage", "unknown"],
    ["1.2.3", "unknown"],
    ["1.2.3.04", "unknown"],
    ["1.2.3.256", "unknown"],
    ["1:2:3:4:5:6:7", "unknown"],
    ["1:2:3:4:5:6:7:8:9", "unknown"],
    ["1::2::3", "unknown"],
    [":::", "unknown"],
    ["1:2:3:4:5:6:7::8", "unknown"],
    ["1.2.3.4::", "unknown"],
    ["12345::", "unknown"],
  ])("of %s is %s", (peer, key) => {
    expect(direct(peer)).toBe(key);
  });

  it("is the same for every address of one IPv6 network, and for no other", () => {
    const of56 = addressKey({ ipv6Prefix: 56 });
    expect(of56("2001:db8:1234:5678::1.2.3.4", undefined)).toBe(
      "2001:db8:1234:5600::/56",
    );
    expect(of56("2001:db8:1234:56ff::", undefined)).toBe(
      "2001:db8:1234:5600::/56",
    );
    expect(of56("2001:db8:1234:5700::", undefined)).not.toBe(
      "2001:db8:1234:5600::/56",
    );
    expect(addressKey({ ipv6Prefix: 128 })("::1", undefined)).toBe("::1/128");
  });

  it("keeps IPv4 clients apart however short the IPv6 prefix", () => {
    const of56 = addressKey({ ipv6Prefix: 56 });
    expect(of56("::ffff:1.2.3.4", undefined)).not.toBe(
      of56("::ffff:1.2.3.5", undefined),
    );
  });

  it("accepts as an address exactly what the platform does", () => {
    const group = fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16)),
      fc.constantFrom("", "0", "00000", "g", "1.2.3.4", "255.255.255.256"),
    );
    const text = fc.oneof(
      fc
        .array(group, { minLength: 1, maxLength: 9 })
        .map((all) => all.join(":")),
      fc.ipV4(),
      fc.ipV6(),
      fc.string({
        maxLength: 12,
        unit: fc.mapToConstant(
          { num: 13, build: (v) => "0123456789abf:."[v] ?? ":" },
          { num: 2, build: (v) => ":."[v] ?? ":" },
        ),
      }),
    );
    fc.assert(
      fc.property(text, (address) => {
        // A port is the one thing more that is understood.
        fc.pre(!/^[\d.]+:\d+$/.test(address));
        expect(parseAddress(address) !== undefined).toBe(isIP(address) !== 0);
      }),
      { numRuns: 3000, seed: 7 },
    );
  });
});

describe("forwarded addresses", () => {
  const trusting = addressKey({ trust: ["10.0.0.0/8", "2001:db8:ffff::/48"] });

  it("are ignored when nobody is trusted", () => {
    expect(keyOf("10.0.0.1", "6.6.6.6")).toBe("10.0.0.1");
  });

  it("are ignored from a peer that is not trusted", () => {
    expect(trusting("9.9.9.9", "6.6.6.6")).toBe("9.9.9.9");
  });

  it.each([
    ["1.1.1.1", "1.1.1.1"],
    ["6.6.6.6, 1.1.1.1", "1.1.1.1"],
    ["6.6.6.6, 1.1.1.1, 10.2.3.4", "1.1.1.1"],
    ["6.6.6.6,1.1.1.1 ,\t10.2.3.4", "1.1.1.1"],
    ["::ffff:1.1.1.1", "1.1.1.1"],
    ["1.1.1.1:5000", "1.1.1.1"],
    ["[2001:db8:5::7]:5000", "2001:db8:5::/64"],
    ["2001:db8:5::7, 2001:db8:ffff::1", "2001:db8:5::/64"],
    ["10.9.9.9", "10.9.9.9"],
    ["", "10.0.0.1"],
    ["unknown", "10.0.0.1"],
    ["_hidden, 10.2.3.4", "10.2.3.4"],
    ["6.6.6.6, <script>", "10.0.0.1"],
    [",1.1.1.1", "1.1.1.1"],
    [",", "10.0.0.1"],
  ])("%j through a trusted proxy give %s", (forwardedFor, key) => {
    expect(trusting("10.0.0.1", forwardedFor)).toBe(key);
    expect(trusting("::ffff:10.0.0.1", forwardedFor)).toBe(key);
  });

  it("from IPv4 are not trusted by a range of IPv6, nor the other way", () => {
    expect(addressKey({ trust: ["::/0"] })("10.0.0.1", "6.6.6.6")).toBe(
      "10.0.0.1",
    );
    expect(addressKey({ trust: ["0.0.0.0/0"] })("::2", "6.6.6.6")).toBe(
      "::/64",
    );
    expect(addressKey({ trust: ["0.0.0.0/0"] })("10.0.0.1", "::9")).toBe(
      "::/64",
    );
    expect(
      addressKey({ trust: ["::ffff:10.0.0.0/104"] })("10.0.0.1", "6.6.6.6"),
    ).toBe("6.6.6.6");
  });

  it("stop at a single trusted address and at the edges of a range", () => {
    const one = addressKey({ trust: ["10.0.0.1", "172.16.0.0/12"] });
    expect(one("10.0.0.1", "6.6.6.6")).toBe("6.6.6.6");
    expect(one("10.0.0.2", "6.6.6.6")).toBe("10.0.0.2");
    expect(one("172.31.255.255", "6.6.6.6")).toBe("6.6.6.6");
    expect(one("172.32.0.0", "6.6.6.6")).toBe("172.32.0.0");
  });

  it.each([
    "10.0.0.0/33",
    "10.0.0/8",
    "2001:db8::/129",
    "[::1]",
    "10.0.0.0/",
    "10.0.0.0/a",
    "loopback",
    "",
    "fe80::%eth0/10",
  ])("refuse to trust %j", (range) => {
    expect(() => addressKey({ trust: ["10.0.0.0/8", range] })).toThrow(
      expect.objectContaining({ option: "trust[1]", value: range }),
    );
  });

  it.each([0, 129, 1.5])("refuse a prefix of %s bits", (ipv6Prefix) => {
    expect(() => addressKey({ ipv6Prefix })).toThrow(
      expect.objectContaining({ option: "ipv6Prefix" }),
    );
  });
});

describe("clientKey", () => {
  it("reads a request of node:http", () => {
    const key = clientKey({ trust: ["127.0.0.0/8"] });
    const socket = { remoteAddress: "::ffff:127.0.0.1" };
    expect(key({ socket, headers: {} })).toBe("127.0.0.1");
    expect(key({ socket, headers: { "x-forwarded-for": "1.1.1.1" } })).toBe(
      "1.1.1.1",
    );
    expect(
      key({
        socket,
        headers: { "x-forwarded-for": ["6.6.6.6", "1.1.1.1, 127.0.0.2"] },
      }),
    ).toBe("1.1.1.1");
    expect(key({ socket: {}, headers: {} })).toBe("unknown");
  });
});

describe("clientKey", () => {
  it("takes a request of node:http as it is", () => {
    const request = new IncomingMessage(new Socket());
    request.headers["x-forwarded-for"] = "1.2.3.4";
    expect(clientKey()(request)).toBe("unknown");
  });
});
