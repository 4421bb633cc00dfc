import { requireInteger } from "@dp/core";
import { inRange, parseRange, type AddressRange } from "./address-range.ts";
import {
  formatAddress,
  isIpv4,
  maskAddress,
  parseAddress,
  type Address,
} from "./ip-address.ts";

/** Whose word to take for who the client is, and how far to tell IPv6 clients apart. */
export interface ClientKeyOptions {
  /**
   * Proxies whose `X-Forwarded-For` is believed: addresses and CIDR ranges.
   * @defaultValue none: the key is the address of the connection
   */
  readonly trust?: readonly string[] | undefined;
  /**
   * Leading bits of an IPv6 address that make the key, from 1 to 128: a customer of an access network has a /64 at least
   * and could use a new address for every request.
   * @defaultValue 64
   */
  readonly ipv6Prefix?: number | undefined;
}

/** The parts of a `node:http` request that tell its client. */
export interface ClientRequest {
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly headers: Readonly<
    Record<string, string | readonly string[] | undefined>
  >;
}

/** The key of a client that has no address: a closed connection, or one over a UNIX domain socket. */
const unknownClient = "unknown";

const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const canonicalQuad = new RegExp(`^${octet}(?:\\.${octet}){3}$`);

/**
 * A function that gives the key of the client behind a connection from `peer` whose request carried `forwardedFor`.
 *
 * From the connection outwards, each hop is believed about the hop before it only if it is itself trusted: the key is
 * the first address that is not, or the last one if all are. What a client wrote itself is never reached, and a part that
 * is no address ends the walk at the hop that sent it. Zones and ports are dropped; IPv4 in any notation is one key; IPv6
 * is cut to `ipv6Prefix` bits. Throws `InvalidOptionError` for a bad option.
 */
export const addressKey = (
  options: ClientKeyOptions = {},
): ((peer: string | undefined, forwardedFor: string | undefined) => string) => {
  const bits = requireInteger("ipv6Prefix", options.ipv6Prefix ?? 64, 1, 128);
  const ranges = (options.trust ?? []).map((text, index) =>
    parseRange(`trust[${index}]`, text),
  );
  return (peer, forwardedFor) => {
    const direct = forwardedFor === undefined || ranges.length === 0;
    // What a dual-stack listener gives is mapped, but most peers are IPv4 written the one way it can be.
    if (direct && peer !== undefined && canonicalQuad.test(peer)) return peer;
    const connected = peer === undefined ? undefined : parseAddress(peer);
    if (connected === undefined) return unknownClient;
    const client = direct
      ? connected
      : firstUntrusted(connected, forwardedFor, ranges);
    return isIpv4(client)
      ? formatAddress(client)
      : `${formatAddress(maskAddress(client, bits))}/${bits}`;
  };
};

/** Walks the hops from the nearest, the last in the list, outwards. */
const firstUntrusted = (
  connected: Address,
  forwardedFor: string,
  ranges: readonly AddressRange[],
): Address => {
  let hop = connected;
  let end = forwardedFor.length;
  while (end >= 0 && ranges.some((range) => inRange(range, hop))) {
    const comma = forwardedFor.lastIndexOf(",", end - 1);
    const next = parseAddress(forwardedFor.slice(comma + 1, end).trim());
    if (next === undefined) break;
    hop = next;
    end = comma;
  }
  return hop;
};

/**
 * A function that gives the key of the client that sent a `node:http` request: its address, as told by
 * {@link addressKey}. Use it as the subject of a limit.
 */
export const clientKey = (
  options: ClientKeyOptions = {},
): ((request: ClientRequest) => string) => {
  const keyOf = addressKey(options);
  return ({ socket, headers }) => {
    const forwardedFor = headers["x-forwarded-for"];
    return keyOf(
      socket.remoteAddress,
      typeof forwardedFor === "object" ? forwardedFor.join(",") : forwardedFor,
    );
  };
};
