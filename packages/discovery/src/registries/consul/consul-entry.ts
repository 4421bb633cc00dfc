import { DpError } from "@dp/core";
import type { Instance } from "../../instance.ts";
import { recordOf } from "../../remote/instance-record.ts";
import {
  readMeta,
  readOwnWords,
  type Meta,
  type OwnWords,
} from "./consul-meta.ts";

/** One service on one node as `/v1/health/service` has it; all of it may be missing. */
interface HealthEntry {
  readonly Node?: {
    readonly Node?: string;
    readonly Address?: string;
  } | null;
  readonly Service?: ServiceEntry | null;
  readonly Checks?: readonly { readonly Status?: string }[] | null;
}

/** What the agent and the catalog say of a service. */
export interface ServiceEntry {
  readonly ID?: string;
  readonly Address?: string;
  readonly Port?: number;
  readonly Tags?: readonly string[] | null;
  readonly Meta?: Meta | null;
  readonly Weights?: { readonly Passing?: number; readonly Warning?: number };
  readonly ModifyIndex?: number;
}

/** An instance that is up, and who wrote it: undefined for what others registered. */
export interface Found<M> {
  readonly instance: Instance<M>;
  readonly own: OwnWords | undefined;
}

/**
 * What Consul lists of a service, by id. Critical instances, which are those in maintenance too, are left out; those
 * with a warning are not, as in Consul's own DNS. What cannot be read is skipped and told. An id that is on several
 * nodes is told once: the newest of this package's registrations, else the one changed last. Throws `DP_BAD_REPLY` for
 * what is no list.
 */
export const readHealth = <M>(
  service: string,
  body: unknown,
  skipped: (error: Error) => void,
): Map<string, Found<M>> => {
  const found = new Map<string, Found<M>>();
  for (const [index, entry] of entriesIn(service, body).entries()) {
    const where = `${service} ${entry?.Service?.ID ?? `entry ${index}`} in Consul`;
    try {
      const next = readEntry<M>(service, entry ?? {}, where);
      if (next === undefined) continue;
      const held = found.get(next.instance.id);
      if (held === undefined || isNewer(next, held))
        found.set(next.instance.id, next);
    } catch (cause) {
      skipped(
        DpError.is(cause)
          ? cause
          : new DpError("DP_BAD_RECORD", `${where}: not an entry`, { cause }),
      );
    }
  }
  return found;
};

/**
 * Like {@link readHealth}, for who takes what it gives for all there is. Throws `DP_BAD_RECORD` when there are entries
 * and none of them can be read: that is no empty service.
 */
export const readService = <M>(
  service: string,
  body: unknown,
  skipped: (error: Error) => void,
): Map<string, Instance<M>> => {
  const { length } = entriesIn(service, body);
  let unreadable = 0;
  const found = readHealth<M>(service, body, (error) => {
    unreadable++;
    skipped(error);
  });
  if (length > 0 && unreadable === length)
    throw new DpError(
      "DP_BAD_RECORD",
      `${service}: none of its ${length} entries in Consul can be read`,
    );
  return new Map(
    Array.from(found, ([id, { instance }]) => [id, instance] as const),
  );
};

const entriesIn = (
  service: string,
  body: unknown,
): readonly (HealthEntry | null)[] => {
  if (Array.isArray(body)) return body as (HealthEntry | null)[];
  throw new DpError(
    "DP_BAD_REPLY",
    `${service}: what Consul answers is no list`,
    { retryable: true },
  );
};

/** Undefined: it is not up, or Consul gives it no traffic. */
const readEntry = <M>(
  service: string,
  entry: HealthEntry,
  where: string,
): Found<M> | undefined => {
  const { Checks } = entry;
  const node = entry.Node ?? {};
  const held = entry.Service ?? {};
  const statuses = (Checks ?? []).map(({ Status }) => Status);
  if (statuses.includes("critical") || statuses.includes("maintenance"))
    return undefined;
  const meta = held.Meta ?? {};
  const own = readOwnWords(meta, where);
  const address = {
    host: held.Address === "" ? node.Address : (held.Address ?? node.Address),
    port: held.Port,
  };
  const weight = foreignWeight(held, statuses.includes("warning"));
  if (own === undefined && weight === 0) return undefined;
  const parts =
    own === undefined
      ? { ...address, weight, metadata: foreignMetadata(meta, held.Tags) }
      : { ...address, ...readMeta(meta, where) };
  const id = own?.id ?? held.ID ?? "";
  const { instance } = recordOf<M>(parts, service, id, where);
  const revision = BigInt(held.ModifyIndex ?? 0);
  return { own, instance: Object.freeze({ ...instance, revision }) };
};

const foreignWeight = ({ Weights }: ServiceEntry, warns: boolean): number =>
  (warns ? Weights?.Warning : Weights?.Passing) ?? 1;

const foreignMetadata = (
  meta: Meta,
  tags: readonly string[] | null | undefined,
): Readonly<Record<string, unknown>> => ({
  ...meta,
  ...(tags != null && tags.length > 0 && { tags }),
});

const isNewer = <M>(one: Found<M>, other: Found<M>): boolean => {
  const number = one.own?.incarnation.number ?? 0;
  const held = other.own?.incarnation.number ?? 0;
  return number === held
    ? one.instance.revision > other.instance.revision
    : number > held;
};
