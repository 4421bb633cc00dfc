import {
  requireDuration,
  systemClock,
  type Clock,
  type Duration,
} from "@dp/core";
import { PacedLine } from "./paced-line.ts";
import { parseRateLimit, type ToldLimits } from "./parse.ts";

/** How a {@link pacedFetch} spaces requests. */
export interface PacedFetchOptions {
  /**
   * The longest a call waits for its turn; 0: not at all, `Infinity`: as long as it takes.
   * @defaultValue `'1m'`
   */
  readonly maxWait?: Duration | undefined;
  /**
   * Whose limits a URL falls under: requests of one key are spaced together.
   * @defaultValue the origin of the URL
   */
  readonly key?: ((url: string) => string) | undefined;
  /**
   * Where time comes from.
   * @defaultValue the machine's clocks
   */
  readonly clock?: Clock | undefined;
}

/** Servers remembered. The one longest not asked is forgotten first, unless requests to it are waiting. */
const mostLines = 1000;

/**
 * A fetch that keeps to the limits a server tells: it takes what `send` takes, gives back what `send` gives back, and
 * sends each request when the fields of the responses before it say that it may.
 *
 * - What a response leaves is spread evenly over the time until the reset; with nothing left, requests wait for it. While
 *   a server has told nothing, requests go at once, so ask once before asking a thousand times.
 * - A `Retry-After` on a 429 or 503 holds back the next request. The refused one is given back, not sent again.
 * - Requests go in the order of the calls. One whose signal aborts leaves the line at once, with the signal's reason.
 * - A call that would wait longer than `maxWait` rejects with a `WaitTooLongError` as soon as that is known.
 * - A response from a cache (`Age`) tells nothing.
 *
 * What `key` or `send` throws is passed on. Throws `InvalidOptionError` for a bad option.
 */
export const pacedFetch = (
  send: typeof fetch,
  options: PacedFetchOptions = {},
): typeof fetch => {
  const maxWaitMs = requireDuration("maxWait", options.maxWait ?? "1m");
  const { clock = systemClock, key = originOf } = options;
  const lines = new Map<string, PacedLine>();

  const lineOf = (name: string): PacedLine => {
    const line = lines.get(name) ?? new PacedLine(name, maxWaitMs, clock);
    // The map is in order of use.
    lines.delete(name);
    if (lines.size >= mostLines) forgetOne(lines);
    lines.set(name, line);
    return line;
  };

  return async (resource, settings) => {
    const [url, request] = read(resource);
    const line = lineOf(key(url));
    // Null takes the request's own signal away.
    const signal =
      settings?.signal === undefined ? request?.signal : settings.signal;
    const number = await line.turn(signal ?? undefined);
    const response = await send(resource, settings);
    if (!(Number(response.headers.get("Age")) > 0))
      line.hear(number, toldBy(response, clock));
    return response;
  };
};

/** The URL, and the `Request` if it is one: of whichever implementation. */
const read = (
  resource: string | URL | Request,
): readonly [url: string, request?: Request] => {
  if (typeof resource === "string") return [resource];
  return "href" in resource ? [resource.href] : [resource.url, resource];
};

const forgetOne = (lines: Map<string, PacedLine>): void => {
  for (const [name, line] of lines) {
    if (line.waiting > 0) continue;
    lines.delete(name);
    return;
  }
};

/** A URL without an origin is no concern of ours: what sends it will say so. */
const originOf = (url: string): string => URL.parse(url)?.origin ?? "null";

/** Elsewhere than on a refusal `Retry-After` means something else. */
const toldBy = (response: Response, clock: Clock): ToldLimits => {
  const told = parseRateLimit(response.headers, { clock });
  return response.status === 429 || response.status === 503
    ? told
    : { limits: told.limits };
};
