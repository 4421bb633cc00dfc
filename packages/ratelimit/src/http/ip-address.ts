/**
 * An address as eight 16-bit groups. IPv4 stands in ::ffff:0:0/96 (RFC 4291, 2.5.5.2), in whichever notation it was
 * written, so that one client is never two.
 */
export type Address = readonly number[];

const mappedIpv4 = [0, 0, 0, 0, 0, 0xffff] as const;

export const isIpv4 = (address: Address): boolean =>
  mappedIpv4.every((group, index) => address[index] === group);

const ipv4Octet = /^(?:0|[1-9]\d{0,2})$/;

/** The two groups of a dotted quad; undefined if it is none. Leading zeros are refused: some read them as octal. */
const parseQuad = (text: string): [number, number] | undefined => {
  const octets = text.split(".");
  if (octets.length !== 4) return undefined;
  const numbers = octets.map((octet) =>
    ipv4Octet.test(octet) ? Number(octet) : 256,
  );
  const [a = 256, b = 256, c = 256, d = 256] = numbers;
  if (a > 255 || b > 255 || c > 255 || d > 255) return undefined;
  return [a * 256 + b, c * 256 + d];
};

/** Groups between colons; undefined if one is malformed. A dotted quad may be the last (two groups). */
const parseGroups = (text: string): number[] | undefined => {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes(".")) {
      const quad = parseQuad(part);
      if (quad === undefined) return undefined;
      groups.push(...quad);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
};

/** The longest text of an address is 45 characters; with brackets, zone and port it stays well below this. */
const longestText = 100;

/**
 * The address in `text`, in any notation of RFC 4291: with or without brackets, port (`1.2.3.4:80`, `[::1]:80`) and zone
 * (`fe80::1%eth0`), which are dropped. Undefined if there is none.
 */
export const parseAddress = (text: string): Address | undefined => {
  if (text.length > longestText) return undefined;
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text);
  const quadWithPort = /^([\d.]+):\d{1,5}$/.exec(text);
  const plain = bracketed?.[1] ?? quadWithPort?.[1] ?? text;
  if (!plain.includes(":")) {
    const quad = bracketed === null ? parseQuad(plain) : undefined;
    return quad && [...mappedIpv4, ...quad];
  }
  const zone = plain.indexOf("%");
  const bare = zone < 0 ? plain : plain.slice(0, zone);
  const gap = bare.indexOf("::");
  if (gap < 0) {
    const groups = parseGroups(bare);
    return groups?.length === 8 ? groups : undefined;
  }
  const head = parseGroups(bare.slice(0, gap));
  const tail = parseGroups(bare.slice(gap + 2));
  if (head === undefined || tail === undefined) return undefined;
  // A quad is legal at the very end only, and "::" stands for at least one group.
  const missing = 8 - head.length - tail.length;
  if (missing < 1 || bare.slice(0, gap).includes(".")) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
};

/** The address with all but its first `bits` bits cleared. */
export const maskAddress = (address: Address, bits: number): Address =>
  address.map((group, index) => {
    const kept = Math.min(16, Math.max(0, bits - index * 16));
    return group & (0xffff << (16 - kept)) & 0xffff;
  });

/** The address as text: dotted for IPv4, else as RFC 5952 asks, lower case with the longest run of zeros left out. */
export const formatAddress = (address: Address): string => {
  if (isIpv4(address)) {
    const [high = 0, low = 0] = address.slice(6);
    return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  }
  let start = -1;
  let length = 1;
  for (let index = 0; index < 8; index++) {
    let end = index;
    while (end < 8 && address[end] === 0) end++;
    if (end - index > length) {
      start = index;
      length = end - index;
    }
    if (end > index) index = end;
  }
  const text = (groups: Address): string =>
    groups.map((group) => group.toString(16)).join(":");
  return start < 0
    ? text(address)
    : `${text(address.slice(0, start))}::${text(address.slice(start + length))}`;
};
