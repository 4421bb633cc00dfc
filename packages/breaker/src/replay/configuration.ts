import { InvalidOptionError, requireText, type Duration } from "@dp/core";
import type { Backoff } from "../backoff/backoff.ts";
import {
  exponential,
  type ExponentialOptions,
} from "../backoff/exponential.ts";
import { resolveBreakerOptions, type BreakerOptions } from "../options.ts";
import { atPath, pathTo, requireFields, requireNames } from "./json-fields.ts";
import { readTrip } from "./trip-json.ts";

/** What of a breaker's options a log can judge. Clock and random are the replay's. */
export type ReplayConfiguration = Pick<
  BreakerOptions,
  "name" | "trip" | "openFor" | "probes" | "probeLease" | "ramp"
>;

const names = ["name", "trip", "openFor", "probes", "probeLease", "ramp"];

/**
 * The configurations that a parsed JSON file describes: one, an array of them, or `{ configurations: [...] }`. Those
 * without a name are called `defaultName`, with their number if there are several. Throws `InvalidOptionError` naming
 * the first wrong value by its path: `configurations[1].trip.window`.
 */
export const readConfigurations = (
  json: unknown,
  defaultName: string = "configuration",
): readonly ReplayConfiguration[] => {
  const isList =
    !Array.isArray(json) && "configurations" in requireFields("", json);
  if (isList) requireNames("", requireFields("", json), ["configurations"]);
  const path = isList ? "configurations" : "";
  const list = isList ? (json as Record<string, unknown>)[path] : json;
  if (!isList && !Array.isArray(list))
    return [readConfiguration("", list, defaultName)];
  if (!Array.isArray(list) || list.length === 0)
    throw new InvalidOptionError(
      path || "the file",
      list,
      "an array of at least one configuration",
    );
  return list.map((each, index) =>
    readConfiguration(`${path}[${index}]`, each, `${defaultName} ${index + 1}`),
  );
};

const readConfiguration = (
  path: string,
  json: unknown,
  defaultName: string,
): ReplayConfiguration => {
  const fields = requireFields(path, json);
  requireNames(path, fields, names);
  const { name = defaultName, trip, openFor, probes, probeLease } = fields;
  return atPath(path, () => {
    const configuration: ReplayConfiguration = {
      name: requireText("name", name),
      trip: trip === undefined ? undefined : readTrip("trip", trip),
      openFor: readOpenFor(openFor),
      probes: probes as number | undefined,
      probeLease: probeLease as Duration | undefined,
      ramp: readRamp(fields["ramp"]),
    };
    // What is wrong is told with its path here, before a log is read.
    resolveBreakerOptions(configuration);
    return configuration;
  });
};

const readOpenFor = (json: unknown): Duration | Backoff | undefined => {
  // A number or a text; what else it is not is the breaker's to say.
  if (typeof json !== "object" || json === null)
    return json as Duration | undefined;
  const path = "openFor";
  const fields = requireFields(path, json);
  requireNames(path, fields, ["exponential"]);
  const place = pathTo(path, "exponential");
  const growth = requireFields(place, fields["exponential"]);
  requireNames(place, growth, ["initial", "factor", "max", "jitter"]);
  return atPath(place, () =>
    exponential(growth as unknown as ExponentialOptions),
  );
};

const readRamp = (json: unknown): BreakerOptions["ramp"] => {
  if (json === undefined) return undefined;
  const fields = requireFields("ramp", json);
  requireNames("ramp", fields, ["over"]);
  return { over: fields["over"] as Duration };
};
