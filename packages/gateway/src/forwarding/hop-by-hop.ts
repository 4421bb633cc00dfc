import { withoutFields } from "./field-lines.ts";

/** What a Connection line says (RFC 9110 section 7.6.1). */
export interface ConnectionOptions {
  /** Whether the connection stays open; undefined leaves it to the version. */
  readonly persists: boolean | undefined;
  /** The fields that end here together with Connection itself, in lower case. */
  readonly named: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();

/** The values nearly every message has. */
const common: ReadonlyMap<string, ConnectionOptions> = new Map(
  [
    ["", undefined],
    ["keep-alive", true],
    ["Keep-Alive", true],
    ["close", false],
    ["Close", false],
  ].map(([value, persists]) => [
    value as string,
    { persists: persists as boolean | undefined, named: none },
  ]),
);

/** Reads the value of Connection; an empty string for a message without. `close` outweighs `keep-alive`. */
export const connectionOptions = (value: string): ConnectionOptions => {
  const known = common.get(value);
  if (known !== undefined) return known;
  const named = new Set(
    value
      .toLowerCase()
      .split(",")
      .map((token) => token.trim()),
  );
  const close = named.delete("close");
  const keepAlive = named.delete("keep-alive");
  named.delete("");
  return { persists: close ? false : keepAlive ? true : undefined, named };
};

/** The lines without the fields that `named` lists, apart from those in `kept`. */
export const withoutNamed = (
  lines: string,
  named: ReadonlySet<string>,
  kept: ReadonlySet<string> = none,
): string =>
  named.size === 0
    ? lines
    : withoutFields(lines, (name) => named.has(name) && !kept.has(name));
