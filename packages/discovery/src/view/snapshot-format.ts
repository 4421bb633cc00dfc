import { DpError } from "@dp/core";
import type { Instance } from "../instance.ts";
import { freezeMetadata } from "../instance-metadata.ts";
import { isWeight } from "../weight.ts";

/** What a view knew at one moment, as it outlives the process. */
export interface StoredSnapshot<M> {
  readonly revision: bigint;
  /** By the wall clock. */
  readonly writtenAtMs: number;
  readonly instances: readonly Instance<M>[];
}

const format = "dp-discovery-snapshot";
const version = 1;

const refuse = (why: string): never => {
  throw new DpError("DP_SNAPSHOT_FILE", why);
};

export interface EncodedSnapshot {
  readonly text: string;
  /** The ids of those that JSON cannot carry, a bigint or a cycle in their metadata: they are not in the text. */
  readonly leftOut: readonly string[];
}

const encodeInstance = (instance: Instance<unknown>): string | undefined => {
  try {
    return JSON.stringify({ ...instance, revision: `${instance.revision}` });
  } catch {
    return undefined;
  }
};

/**
 * JSON with revisions as decimal strings. Throws when JSON can carry none of the instances: a text without any would say
 * that there are none.
 */
export const encodeSnapshot = <M>(
  service: string,
  { revision, writtenAtMs, instances }: StoredSnapshot<M>,
): EncodedSnapshot => {
  const texts: string[] = [];
  const leftOut: string[] = [];
  for (const instance of instances) {
    const text = encodeInstance(instance);
    if (text === undefined) leftOut.push(instance.id);
    else texts.push(text);
  }
  if (texts.length === 0 && leftOut.length > 0)
    refuse("JSON can carry none of the instances");
  const head = { format, version, service, revision: `${revision}` };
  const start = JSON.stringify({ ...head, writtenAtMs }).slice(0, -1);
  return { text: `${start},"instances":[${texts.join(",")}]}`, leftOut };
};

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null
    ? (value as Fields)
    : refuse("it is not a snapshot");

const revisionOf = (value: unknown): bigint =>
  typeof value === "string" && /^\d{1,40}$/.test(value)
    ? BigInt(value)
    : refuse("a revision is not a decimal number");

const isText = (value: unknown): value is string =>
  typeof value === "string" && value !== "";

const isWhole = (
  value: unknown,
  least: number,
  most: number,
): value is number =>
  Number.isSafeInteger(value) &&
  (value as number) >= least &&
  (value as number) <= most;

/** Undefined for metadata that goes too deep: whoever wrote it can be done without, as can those that cannot be written. */
const metadataOf = (value: unknown): unknown => {
  try {
    return freezeMetadata(value ?? {});
  } catch {
    return undefined;
  }
};

const instanceOf = <M>(
  service: string,
  value: unknown,
): Instance<M> | undefined => {
  const fields = fieldsOf(value);
  const { id, host, port, weight, priority, zone, state } = fields;
  if (
    fields["service"] !== service ||
    !isText(id) ||
    !isText(host) ||
    !isWhole(port, 1, 65_535) ||
    !isWeight(weight) ||
    !isWhole(priority, 0, Number.MAX_SAFE_INTEGER) ||
    !(zone === undefined || isText(zone)) ||
    !(state === "serving" || state === "draining")
  )
    return refuse("an instance in it is damaged");
  const revision = revisionOf(fields["revision"]);
  const metadata = metadataOf(fields["metadata"]);
  if (metadata === undefined) return undefined;
  return Object.freeze({
    service,
    id,
    host,
    port,
    weight,
    priority,
    ...(zone !== undefined && { zone }),
    state,
    revision,
    metadata: metadata as M,
  });
};

/** The snapshot of the service in the text. Throws, saying what is wrong with it. */
export const decodeSnapshot = <M>(
  service: string,
  text: string,
): StoredSnapshot<M> => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return refuse("it is not JSON");
  }
  const file = fieldsOf(parsed);
  if (file["format"] !== format) return refuse("it is not a snapshot");
  if (file["version"] !== version)
    return refuse(`its version is ${JSON.stringify(file["version"])}, not 1`);
  if (file["service"] !== service) return refuse("it is of another service");
  const { writtenAtMs, instances } = file;
  if (!Number.isFinite(writtenAtMs) || !Array.isArray(instances))
    return refuse("it is damaged");
  const byId = new Map<string, Instance<M>>();
  for (const each of instances) {
    const instance = instanceOf<M>(service, each);
    if (instance !== undefined) byId.set(instance.id, instance);
  }
  if (byId.size === 0 && instances.length > 0)
    return refuse("the metadata of all instances in it goes too deep");
  return {
    revision: revisionOf(file["revision"]),
    writtenAtMs: writtenAtMs as number,
    instances: [...byId.values()],
  };
};
