import { isIP, isIPv4, isIPv6 } from "node:net";
import { quote } from "./finding.ts";
import type { Cidr, ListenAddress, Target } from "./resolved.ts";

// Each of these gives the parsed value, or why not in words that follow the path.

const hostName =
  /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

const isHost = (host: string): boolean =>
  host.length <= 253 &&
  hostName.test(host) &&
  // What looks like an IPv4 address must be one: '1.2.3' and '300.1.1.1' are typing errors, not names.
  (!/^[\d.]+$/.test(host) || isIPv4(host));

/** `host:port`, `[v6]:port`, or a port alone, which takes `hostOfPort`; `undefined` there is every address. */
export const parseListenAddress = (
  value: string | number,
  hostOfPort: string | undefined,
): ListenAddress | string => {
  const text = String(value);
  const [, v6, host, digits] =
    /^(?:(?:\[([\da-fA-F:.]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const name = v6 ?? host?.toLowerCase();
  if (
    !(port <= 65_535) ||
    (v6 !== undefined && !isIPv6(v6)) ||
    (v6 === undefined && name !== undefined && !isHost(name))
  )
    return `must be host:port, [v6]:port or a port from 0 to 65535, got ${quote(value)}`;
  return { host: name ?? hostOfPort, port };
};

/** `http://host:port`; without a port it is 80. */
export const parseTarget = (text: string): Target | string => {
  const refuse = (what: string): string => `${what}, got ${quote(text)}`;
  if (/^https:/i.test(text))
    return refuse("must start with http://, TLS to instances is not supported");
  const [, authority, rest] = /^http:\/\/([^/?#]*)(.*)$/s.exec(text) ?? [];
  if (authority === undefined)
    return refuse("must be a URL like http://127.0.0.1:3001");
  // The value is not shown: it holds a password.
  if (authority.includes("@"))
    return "must not hold a user name or password, got a URL with one";
  if (rest !== "" && rest !== "/")
    return refuse("must not have a path, query or fragment");
  const [, v6, host, digits = "80"] =
    /^(?:\[([\da-fA-F:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(authority) ?? [];
  const port = Number(digits);
  const name = (v6 ?? host)?.toLowerCase();
  if (
    name === undefined ||
    (v6 === undefined ? !isHost(name) : !isIPv6(v6)) ||
    port < 1 ||
    port > 65_535
  )
    return refuse("must be a URL like http://127.0.0.1:3001");
  return {
    id: `${v6 === undefined ? name : `[${name}]`}:${port}`,
    host: name,
    port,
  };
};

/** `10.0.0.0/8`, `fd00::/8`, or an address alone. */
export const parseCidr = (text: string): Cidr | string => {
  const [, address = "", digits] =
    /^([\da-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  const longest = version === 4 ? 32 : 128;
  const prefix = digits === undefined ? longest : Number(digits);
  if (version === 0 || prefix > longest)
    return `must be a CIDR like 10.0.0.0/8 or an address, got ${quote(text)}`;
  return {
    text: `${address}/${prefix}`,
    address,
    prefix,
    family: version === 4 ? "ipv4" : "ipv6",
  };
};

/** A route's host in lower case: a name, `*.name`, an IPv4 address or `[v6]`; never with a port. */
export const parseHostPattern = (
  text: string,
): { readonly host: string } | string => {
  const host = text.toLowerCase();
  const name = host.startsWith("*.") ? host.slice(2) : host;
  if (isHost(name) && !(name !== host && isIPv4(name))) return { host };
  if (/^\[.*\]$/.test(host) && isIPv6(host.slice(1, -1))) return { host };
  const why =
    host === "*"
      ? "leave it out for every host"
      : /:\d+$/.test(host)
        ? "a port is not compared"
        : /[^ -~]/.test(host)
          ? "write international names in their xn-- form"
          : "";
  return `must be a host name like a.example.com or *.example.com${why === "" ? "" : ` (${why})`}, got ${quote(text)}`;
};
