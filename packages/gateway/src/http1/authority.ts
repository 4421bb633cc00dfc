import { isIPv6 } from "node:net";

const registeredName = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;

/** Whether `text` is `host` or `host:port` (RFC 3986 section 3.2) without user information, and the host not empty. */
export const isAuthority = (text: string): boolean => {
  const colon = text.lastIndexOf(":");
  const bracket = text.lastIndexOf("]");
  const host = colon > bracket ? text.slice(0, colon) : text;
  if (colon > bracket) {
    const port = text.slice(colon + 1);
    if (!/^\d{0,5}$/.test(port) || Number(port) > 65_535) return false;
  }
  return host.startsWith("[")
    ? host.endsWith("]") && isIPv6(host.slice(1, -1)) && !host.includes("%")
    : registeredName.test(host);
};

/** The authority's host in lower case, without port. */
export const hostOf = (authority: string): string => {
  const colon = authority.lastIndexOf(":");
  return (
    colon > authority.lastIndexOf("]") ? authority.slice(0, colon) : authority
  ).toLowerCase();
};

/** Where the authority and the path of an absolute-form target stand; undefined if it is none with scheme http. */
export const splitAbsolute = (
  text: string,
  start: number,
  end: number,
): { authority: string; pathStart: number } | undefined => {
  if (text.slice(start, start + 7).toLowerCase() !== "http://")
    return undefined;
  let at = start + 7;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === 47 || code === 63) break;
    at++;
  }
  return { authority: text.slice(start + 7, at), pathStart: at };
};
