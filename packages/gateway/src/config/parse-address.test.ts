import { describe, expect, it } from "vitest";
import {
  parseCidr,
  parseHostPattern,
  parseListenAddress,
  parseTarget,
} from "./parse-address.ts";

describe("a listen address", () => {
  it("is a host and a port, or a port alone with the host given for that", () => {
    expect(parseListenAddress("127.0.0.1:8080", "x")).toEqual({
      host: "127.0.0.1",
      port: 8080,
    });
    expect(parseListenAddress("[::1]:0", "x")).toEqual({
      host: "::1",
      port: 0,
    });
    expect(parseListenAddress("Localhost:1", "x")).toEqual({
      host: "localhost",
      port: 1,
    });
    expect(parseListenAddress(8080, undefined)).toEqual({
      host: undefined,
      port: 8080,
    });
    expect(parseListenAddress("8080", "127.0.0.1")).toEqual({
      host: "127.0.0.1",
      port: 8080,
    });
  });

  it("is refused when it is not quite one", () => {
    for (const bad of [
      "",
      ":80",
      "a:b",
      "a:80:90",
      "a:65536",
      "::1:80",
      "[::g]:80",
      "[1.2.3.4]:80",
      "1.2.3:80",
      "256.1.1.1:80",
      "a b:80",
      "http://a:80",
      "-1",
      "a:-1",
      "a:80 ",
    ])
      expect([bad, parseListenAddress(bad, "x")]).toEqual([
        bad,
        expect.stringMatching(/^must be host:port/),
      ]);
  });
});

describe("a target", () => {
  it("is an http URL of a host and a port", () => {
    expect(parseTarget("http://127.0.0.1:3001")).toEqual({
      id: "127.0.0.1:3001",
      host: "127.0.0.1",
      port: 3001,
    });
    expect(parseTarget("http://Users.internal/")).toEqual({
      id: "users.internal:80",
      host: "users.internal",
      port: 80,
    });
    expect(parseTarget("http://[::1]:3001")).toEqual({
      id: "[::1]:3001",
      host: "::1",
      port: 3001,
    });
  });

  it("is refused with what is wrong about it", () => {
    const refusal = (text: string): unknown => parseTarget(text);
    expect(refusal("https://a")).toMatch(/TLS to instances is not supported/);
    expect(refusal("http://a/b")).toMatch(/path, query or fragment/);
    expect(refusal("http://a?b")).toMatch(/path, query or fragment/);
    expect(refusal("http://a#b")).toMatch(/path, query or fragment/);
    for (const bad of [
      "a:80",
      "ftp://a",
      "http:a",
      "http://",
      "http://:80",
      "http://a:0",
      "http://a:65536",
      "http://a:b",
      "http://a b",
      "http://a\n",
      "http://1.2.3.4.5",
      "http://[::1",
      "http:\\\\a",
    ])
      expect([bad, refusal(bad)]).toEqual([
        bad,
        expect.stringMatching(/^must be a URL like/),
      ]);
  });

  it("does not show a password", () => {
    expect(parseTarget("http://u:hunter2@a")).toMatch(
      /^must not hold a user name or password(?!.*hunter2)/,
    );
  });
});

describe("a CIDR", () => {
  it("is an address with the length of its prefix, all of it by default", () => {
    expect(parseCidr("10.0.0.0/8")).toEqual({
      text: "10.0.0.0/8",
      address: "10.0.0.0",
      prefix: 8,
      family: "ipv4",
    });
    expect(parseCidr("fd00::/0")).toMatchObject({ prefix: 0, family: "ipv6" });
    expect(parseCidr("10.1.2.3")).toMatchObject({ text: "10.1.2.3/32" });
    expect(parseCidr("::1")).toMatchObject({ text: "::1/128" });
  });

  it("is refused when it is not quite one", () => {
    for (const bad of [
      "",
      "10.0.0.0/33",
      "::/129",
      "10.0/8",
      "a/8",
      "10.0.0.0/",
    ])
      expect([bad, parseCidr(bad)]).toEqual([
        bad,
        expect.stringMatching(/^must be a CIDR/),
      ]);
  });
});

describe("a host pattern", () => {
  it("is a name, an address or everything below a name, in lower case", () => {
    for (const host of [
      "a.Example.com",
      "*.Example.com",
      "1.2.3.4",
      "[::1]",
      "x_y",
    ])
      expect(parseHostPattern(host)).toEqual({ host: host.toLowerCase() });
  });

  it("is refused with advice", () => {
    expect(parseHostPattern("*")).toMatch(/leave it out for every host/);
    expect(parseHostPattern("a:80")).toMatch(/a port is not compared/);
    expect(parseHostPattern("bücher.example")).toMatch(/xn--/);
    for (const bad of [
      "*.*.a",
      "a.*",
      "*a",
      "a..b",
      ".a",
      "a.",
      "-a",
      "*.1.2.3.4",
      "a b",
    ])
      expect([bad, parseHostPattern(bad)]).toEqual([
        bad,
        expect.stringMatching(/^must be a host name/),
      ]);
  });
});
