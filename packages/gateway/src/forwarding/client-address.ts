import { BlockList, isIP } from "node:net";
import type { Cidr } from "../config/resolved.ts";

/** Says who is behind an address: whom the operator trusts, and whom trusted peers name. */
export interface ClientAddresses {
  /** Whether a peer's forwarding fields are believed. */
  trusts(address: string): boolean;
  /**
   * The client's address, given its peer's and a trusted peer's X-Forwarded-For: from the right, the first address that
   * is not trusted itself. What stands left of it anybody may have written.
   */
  client(peer: string, forwardedFor: string): string;
}

/** IPv4 addresses that come through an IPv6 socket, without the mapping. */
export const plainAddress = (address: string): string =>
  address.startsWith("::ffff:") && address.includes(".")
    ? address.slice(7)
    : address;

/** Addresses under a list of trusted networks. Checking an address costs O(networks). */
export const createClientAddresses = (
  trust: readonly Cidr[],
): ClientAddresses => {
  const trusted = new BlockList();
  for (const { address, prefix, family } of trust)
    trusted.addSubnet(address, prefix, family);
  const trusts = (address: string): boolean => {
    if (trust.length === 0) return false;
    const version = isIP(address);
    return (
      version !== 0 && trusted.check(address, version === 6 ? "ipv6" : "ipv4")
    );
  };
  return {
    trusts,
    client(peer, forwardedFor) {
      if (forwardedFor === "") return peer;
      let client = peer;
      for (const entry of forwardedFor.split(",").reverse()) {
        if (!trusts(client)) return client;
        const address = plainAddress(entry.trim());
        // An obfuscated or broken entry ends the chain: nothing left of it can be known.
        if (isIP(address) === 0) return client;
        client = address;
      }
      return client;
    },
  };
};
