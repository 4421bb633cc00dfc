import { InvalidOptionError } from "@dp/core";
import { anyOf } from "../trip/any-of.ts";
import { consecutive } from "../trip/consecutive.ts";
import { countRate, type CountRateOptions } from "../trip/count-rate.ts";
import { failureRate, type FailureRateOptions } from "../trip/failure-rate.ts";
import { slowRate, type SlowRateOptions } from "../trip/slow-rate.ts";
import type { Trip } from "../trip/trip.ts";
import {
  pathTo,
  requireFields,
  requireNames,
  unknownName,
  atPath,
} from "./json-fields.ts";

interface TripKind {
  /** The fields beside the one that names the kind. */
  readonly fields: readonly string[];
  /** Makes the trip of the value of that one and of all fields: the factories check what they are given. */
  readonly create: (value: unknown, fields: object) => Trip;
}

const kinds: Readonly<Record<string, TripKind>> = {
  failureRate: {
    fields: ["window", "minimum", "buckets"],
    create: (value, fields) =>
      failureRate(value as number, fields as FailureRateOptions),
  },
  countRate: {
    fields: ["last", "minimum"],
    create: (value, fields) =>
      countRate(value as number, fields as CountRateOptions),
  },
  consecutive: {
    fields: [],
    create: (value) => consecutive(value as number),
  },
  slowRate: {
    fields: ["over", "window", "minimum", "inFlight", "buckets"],
    create: (value, fields) => {
      const { inFlight } = fields as SlowRateOptions;
      if (inFlight !== undefined && typeof inFlight !== "boolean")
        throw new InvalidOptionError("inFlight", inFlight, "true or false");
      return slowRate(value as number, fields as SlowRateOptions);
    },
  },
};

const anyOfKind = "anyOf";
const kindNames = [...Object.keys(kinds), anyOfKind];

/** More than anybody writes, and far from what the stack can take. */
const deepest = 16;

/**
 * The trip that JSON at `path` describes, in which `anyOf` stands in another at most 16 times. Throws
 * `InvalidOptionError` naming the field by its path.
 */
export const readTrip = (path: string, value: unknown, depth = 0): Trip => {
  const fields = requireFields(path, value);
  const named = Object.keys(fields).filter((name) => kindNames.includes(name));
  const [kind, second] = named;
  if (kind === undefined) {
    const [unknown] = Object.keys(fields);
    if (unknown !== undefined) throw unknownName(path, unknown, kindNames);
  }
  if (kind === undefined || second !== undefined)
    throw new InvalidOptionError(
      path,
      kind === undefined ? value : named.join(" and "),
      `one of ${kindNames.join(", ")}`,
    );
  return kind === anyOfKind
    ? readAnyOf(path, fields, depth)
    : readKind(path, fields, kind, kinds[kind] as TripKind);
};

const readKind = (
  path: string,
  fields: Readonly<Record<string, unknown>>,
  name: string,
  kind: TripKind,
): Trip => {
  requireNames(path, fields, [name, ...kind.fields]);
  return atPath(path, () => kind.create(fields[name], fields), name);
};

const readAnyOf = (
  path: string,
  fields: Readonly<Record<string, unknown>>,
  depth: number,
): Trip => {
  requireNames(path, fields, [anyOfKind]);
  const trips = fields[anyOfKind];
  const place = pathTo(path, anyOfKind);
  if (depth >= deepest)
    throw new InvalidOptionError(place, trips, `at most ${deepest} deep`);
  if (!Array.isArray(trips) || trips.length === 0)
    throw new InvalidOptionError(place, trips, "an array of at least one trip");
  return anyOf(
    ...trips.map((trip, index) =>
      readTrip(`${place}[${index}]`, trip, depth + 1),
    ),
  );
};
