import { DpError, InvalidOptionError } from "@dp/core";
import type { Instance } from "../instance.ts";
import { freezeMetadata } from "../instance-metadata.ts";
import { resolveSpec } from "../instance-spec.ts";

/** Who wrote an entry: registrations of one id are ordered by incarnation, told apart by owner. */
export interface Incarnation {
  readonly number: number;
  readonly owner: string;
}

export interface InstanceRecord<M> {
  /** Its revision is 0n: the registry knows it. */
  readonly instance: Instance<M>;
  /** Undefined in records that somebody else wrote by hand, and where its number is none that others can follow. */
  readonly incarnation: Incarnation | undefined;
}

/**
 * The number of a registration that finds `held` in the registry (undefined: nothing). Above what is there, so the
 * newer of two always wins; and not below the wall clock's milliseconds, so that numbers go on growing over an entry
 * that ran out, and a registry that lost its memory. Then the clock decides: the registry's own, where it tells it.
 */
export const nextIncarnation = (
  held: number | undefined,
  wallMs: number,
): number => Math.max((held ?? 0) + 1, Math.floor(wallMs));

/**
 * The number of an incarnation that somebody stored: a safe integer of at least 0. Undefined for anything else, which
 * counts as if nobody had written it: beyond the safe integers one more is no greater, so it would hold its id for ever.
 */
export const incarnationNumber = (stored: unknown): number | undefined =>
  typeof stored === "number" && Number.isSafeInteger(stored) && stored >= 0
    ? stored
    : undefined;

/** One instance as JSON, for registries that store text. */
export const writeRecord = (
  instance: Instance<unknown>,
  incarnation: Incarnation,
): string => JSON.stringify({ ...instance, revision: undefined, incarnation });

/**
 * The instance as others will read it. Throws `InvalidOptionError` for metadata that JSON cannot carry (a bigint, a
 * cycle).
 */
export const asJsonCarriesIt = <M>(instance: Instance<M>): Instance<M> => {
  try {
    const metadata = JSON.parse(JSON.stringify(instance.metadata)) as M;
    return { ...instance, metadata: freezeMetadata(metadata) };
  } catch {
    throw new InvalidOptionError(
      "metadata",
      instance.metadata,
      "something JSON can carry",
    );
  }
};

const fail = (where: string, why: string, cause?: unknown): never => {
  throw new DpError("DP_BAD_RECORD", `${where}: ${why}`, { cause });
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Undefined if nobody wrote one that others can follow. */
export const incarnationIn = (value: unknown): Incarnation | undefined => {
  if (!isObject(value)) return undefined;
  const number = incarnationNumber(value["number"]);
  const { owner } = value;
  return number === undefined || typeof owner !== "string"
    ? undefined
    : { number, owner };
};

/**
 * The instance in a stored text; `service` and `id` are what the place it was found says. Throws `DP_BAD_RECORD`,
 * naming `where`, for anything else than a record: what others wrote must not end a watch.
 */
export const readRecord = <M>(
  text: string,
  service: string,
  id: string,
  where: string,
): InstanceRecord<M> => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return fail(where, "not JSON", error);
  }
  return recordOf(parsed, service, id, where);
};

/** Like {@link readRecord}, of a value that is parsed already. */
export const recordOf = <M>(
  parsed: unknown,
  service: string,
  id: string,
  where: string,
): InstanceRecord<M> => {
  if (!isObject(parsed)) return fail(where, "not an object");
  const { host, port, weight, priority, zone, metadata, state, incarnation } =
    parsed;
  try {
    // Checks every part, whatever its type.
    const { instance } = resolveSpec<M>(
      {
        service,
        id,
        host: host as string,
        port: port as number,
        weight: weight as number | undefined,
        priority: priority as number | undefined,
        zone: zone as string | undefined,
        metadata: metadata as M | undefined,
      },
      freezeMetadata,
    );
    return {
      instance: {
        ...instance,
        state: state === "draining" ? "draining" : "serving",
      },
      incarnation: incarnationIn(incarnation),
    };
  } catch (error) {
    return fail(where, "not an instance", error);
  }
};
