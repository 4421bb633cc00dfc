import { DpError, InvalidOptionError } from "@dp/core";
import type { Instance } from "../../instance.ts";
import {
  incarnationNumber,
  type Incarnation,
} from "../../remote/instance-record.ts";

/** Consul allows 512 characters a value and 64 keys; the other keys need room too. */
const longestValue = 512;
const mostParts = 40;

/** What a registration of this package says of itself in the `Meta` of a service, whose values are texts. */
export interface OwnWords {
  readonly id: string;
  readonly incarnation: Incarnation;
  /** Counts what the registration wrote. */
  readonly write: number;
}

export type Meta = Readonly<Record<string, string>>;

/** JSON in ASCII, so that characters are bytes and it can be cut anywhere. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** Throws `InvalidOptionError` for what does not fit. */
export const writeMeta = (instance: Instance<unknown>, own: OwnWords): Meta => {
  const { weight, priority, zone, state } = instance;
  const meta: Record<string, string> = {
    "dp-id": own.id,
    "dp-incarnation": `${own.incarnation.number} ${own.incarnation.owner} ${own.write}`,
    "dp-weight": String(weight),
    "dp-priority": String(priority),
    "dp-state": state,
    ...(zone !== undefined && { "dp-zone": zone }),
  };
  for (const [key, value] of Object.entries(meta))
    if (Buffer.byteLength(value) > longestValue)
      throw new InvalidOptionError(
        key.slice("dp-".length),
        value,
        `at most ${longestValue} bytes in Consul`,
      );
  const json = asciiJson(instance.metadata);
  const parts = Math.ceil(json.length / longestValue);
  if (parts > mostParts)
    throw new InvalidOptionError(
      "metadata",
      instance.metadata,
      `at most ${mostParts * longestValue} characters of JSON in Consul`,
    );
  for (let part = 0; part < parts; part++)
    meta[`dp-metadata-${part}`] = json.slice(
      part * longestValue,
      (part + 1) * longestValue,
    );
  return meta;
};

/** What a registration of this package said; undefined if none wrote it. Throws `DP_BAD_RECORD`, naming `where`. */
export const readOwnWords = (
  meta: Meta,
  where: string,
): OwnWords | undefined => {
  const incarnation = meta["dp-incarnation"];
  const id = meta["dp-id"];
  if (incarnation === undefined && id === undefined) return undefined;
  const match = /^(\d+) (\S+) (\d+)$/.exec(incarnation ?? "");
  if (match === null || id === undefined || id === "")
    throw new DpError("DP_BAD_RECORD", `${where}: dp-id or dp-incarnation`);
  const [, number, owner = "", write] = match;
  return {
    id,
    // A number that counts for nothing is below all others; whose words these are still holds.
    incarnation: { number: incarnationNumber(Number(number)) ?? 0, owner },
    write: Number(write),
  };
};

/** The parts of a record that are in the Meta, as `recordOf` takes them. Throws `DP_BAD_RECORD`, naming `where`. */
export const readMeta = (
  meta: Meta,
  where: string,
): Readonly<Record<string, unknown>> => {
  let json = "";
  for (let part = 0; ; part++) {
    const text = meta[`dp-metadata-${part}`];
    if (text === undefined) break;
    json += text;
  }
  try {
    return {
      weight: numberIn(meta["dp-weight"]),
      priority: numberIn(meta["dp-priority"]),
      zone: meta["dp-zone"],
      state: meta["dp-state"],
      metadata: json === "" ? undefined : JSON.parse(json),
    };
  } catch (cause) {
    throw new DpError("DP_BAD_RECORD", `${where}: dp-metadata is not JSON`, {
      cause,
    });
  }
};

/** NaN for another text than a number, which no check lets through. */
const numberIn = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text === "" ? NaN : text);
