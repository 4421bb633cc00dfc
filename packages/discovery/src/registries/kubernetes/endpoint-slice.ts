import { DpError, requireInteger, requireText } from "@dp/core";
import type { Instance, InstanceState } from "../../instance.ts";
import { freezeMetadata } from "../../instance-metadata.ts";
import { resolveSpec } from "../../instance-spec.ts";

/** One endpoint of a slice; without a state it is named, but not to be used. */
interface Endpoint {
  readonly id: string;
  readonly instance: Instance<unknown>;
  readonly state: InstanceState | undefined;
}

/** What is kept of one EndpointSlice. */
export interface Slice {
  readonly name: string;
  /** Of the label `kubernetes.io/service-name`. */
  readonly service: string | undefined;
  readonly endpoints: readonly Endpoint[];
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objectOf = (value: unknown): Json => (isObject(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : [];
const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** The version of an object or a list: opaque, to be compared with nothing. */
export const versionOf = (object: unknown): string => {
  const { resourceVersion } = objectOf(objectOf(object)["metadata"]);
  return requireText("metadata.resourceVersion", resourceVersion);
};

/** The name of an object; empty if it has none. */
export const nameOf = (object: unknown): string =>
  textOf(objectOf(objectOf(object)["metadata"])["name"]) ?? "";

/**
 * Usable is what is ready, and what is terminating while it still serves, which is draining. No word counts as ready
 * (the API's own reading), and no word about serving as the word about readiness.
 */
const stateOf = (conditions: Json): InstanceState | undefined => {
  const isReady = conditions["ready"] !== false;
  const isServing = (conditions["serving"] ?? isReady) === true;
  if (conditions["terminating"] === true)
    return isReady || isServing ? "draining" : undefined;
  return isReady ? "serving" : undefined;
};

const portOf = (
  ports: readonly unknown[],
  wanted: string | number | undefined,
): number => {
  if (typeof wanted === "number") return wanted;
  const found = ports
    .map(objectOf)
    .find(({ name }) => wanted === undefined || (name ?? "") === wanted);
  if (found === undefined)
    throw new Error(
      wanted === undefined ? "it has no port" : `it has no port "${wanted}"`,
    );
  return requireInteger("port", found["port"], 1, 65_535);
};

/** What goes with an address: who is behind it. */
const metadataOf = (endpoint: Json): Record<string, string> => {
  const target = objectOf(endpoint["targetRef"]);
  const metadata: Record<string, string> = {};
  for (const [key, value] of [
    ["name", textOf(target["name"])],
    ["uid", textOf(target["uid"])],
    ["node", textOf(endpoint["nodeName"])],
  ] as const)
    if (value !== undefined) metadata[key] = value;
  return metadata;
};

const endpointOf = (
  endpoint: Json,
  service: string,
  port: number,
): Endpoint => {
  const { instance } = resolveSpec<unknown>(
    {
      service,
      host: requireText("address", listOf(endpoint["addresses"])[0]),
      port,
      zone: textOf(endpoint["zone"]),
      metadata: metadataOf(endpoint),
    },
    freezeMetadata,
  );
  const state = stateOf(objectOf(endpoint["conditions"]));
  return {
    id: instance.id,
    instance: Object.freeze({ ...instance, state: state ?? instance.state }),
    state,
  };
};

const badRecord = (what: string, cause: unknown): DpError => {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DpError("DP_BAD_RECORD", `${what} is skipped: ${why}`, { cause });
};

/**
 * One EndpointSlice of `discovery.k8s.io/v1` as instances of `service`. Of each endpoint the first address counts, as
 * for the API's own proxy. An endpoint that cannot be read is told to `skipped` and left out. Throws `DP_BAD_RECORD` for
 * what is no slice, for slices of names (FQDN has no meaning the API defines), for those without the port, and for those
 * with endpoints of which none can be read.
 */
export const readSlice = (
  object: unknown,
  service: string,
  port: string | number | undefined,
  skipped: (error: Error) => void,
): Slice => {
  const { metadata, addressType, ports, endpoints } = objectOf(object);
  const { name, labels } = objectOf(metadata);
  const list = listOf(endpoints).map(objectOf);
  const what = `the slice ${String(name)} of ${service}`;
  const read: Endpoint[] = [];
  const causes: unknown[] = [];
  try {
    if (addressType !== "IPv4" && addressType !== "IPv6")
      throw new Error(`it is of ${String(addressType)} addresses`);
    const number = list.length === 0 ? 0 : portOf(listOf(ports), port);
    const slice = {
      name: requireText("metadata.name", name),
      service: textOf(objectOf(labels)["kubernetes.io/service-name"]),
      endpoints: read,
    };
    for (const endpoint of list)
      try {
        read.push(endpointOf(endpoint, service, number));
      } catch (cause) {
        causes.push(cause);
      }
    if (read.length === 0 && causes.length > 0) throw causes[0];
    for (const cause of causes)
      skipped(badRecord(`an endpoint of ${what}`, cause));
    return slice;
  } catch (cause) {
    throw badRecord(what, cause);
  }
};

/** Who the slices of a service name together. */
export interface Union<M> {
  readonly listed: ReadonlyMap<string, Instance<M>>;
  /** Listed or not. */
  readonly named: ReadonlySet<string>;
}

/**
 * The union of all slices of a service, of the very instances they have. An endpoint that several name, as one does that moves, counts once: by the
 * slice that has it serving, else the first by name. O(n log n).
 */
export const unionOf = <M>(slices: Iterable<Slice>): Union<M> => {
  const listed = new Map<string, Instance<M>>();
  const named = new Set<string>();
  const sorted = [...slices].sort((one, other) =>
    one.name < other.name ? -1 : 1,
  );
  for (const { endpoints } of sorted)
    for (const { id, instance, state } of endpoints) {
      named.add(id);
      if (state === undefined) continue;
      const held = listed.get(id);
      if (held === undefined || (held.state !== state && state === "serving"))
        listed.set(id, instance as Instance<M>);
    }
  return { listed, named };
};
