import { InvalidOptionError } from "@dp/core";
import {
  isIpv4,
  maskAddress,
  parseAddress,
  type Address,
} from "./ip-address.ts";

/** A block of addresses, as CIDR notation names it. */
export interface AddressRange {
  readonly network: Address;
  /** Leading bits that count, of 128. */
  readonly bits: number;
}

/**
 * The range in `text`: `10.0.0.0/8`, `2001:db8::/32`, or one address. Throws `InvalidOptionError` naming `option`.
 */
export const parseRange = (option: string, text: string): AddressRange => {
  const [, base = "", length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = /[[\]%]/.test(base) ? undefined : parseAddress(base);
  if (address !== undefined) {
    const offset = base.includes(":") ? 0 : 96;
    const bits = length === undefined ? 128 : offset + Number(length);
    if (bits <= 128) return { network: maskAddress(address, bits), bits };
  }
  throw new InvalidOptionError(
    option,
    text,
    "an address or a range like '10.0.0.0/8' or '2001:db8::/32'",
  );
};

/** Whether the range holds the address. A range of IPv6, however wide, holds no IPv4 address. */
export const inRange = (range: AddressRange, address: Address): boolean => {
  if (isIpv4(address) !== (range.bits >= 96 && isIpv4(range.network)))
    return false;
  const masked = maskAddress(address, range.bits);
  return range.network.every((group, index) => group === masked[index]);
};
