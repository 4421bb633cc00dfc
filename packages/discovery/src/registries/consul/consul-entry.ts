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
  readonly Node?: { readonly Node?: string; readonly Address?: string };
  readonly Service?: ServiceEntry;
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
 * nodes is told once: the newest of this package's registrations, else the one changed last.
 */
export const readHealth = <M>(
  service: string,
  body: unknown,
  skipped: (error: Error) => void,
): Map<string, Found<M>> => {
  const found = new Map<string, Found<M>>();
  for (const entry of Array.isArray(body) ? (body as HealthEntry[]) : []) {
    try {
      const next = readEntry<M>(service, entry);
      if (next === undefined) continue;
      const held = found.get(next.instance.id);
      if (held === undefined || isNewer(next, held))
        found.set(next.instance.id, next);
    } catch (error) {
      skipped(error as Error);
    }
  }
  return found;
};

/** Undefined: it is not up, or Consul gives it no traffic. */
const readEntry = <M>(
  service: string,
  { Node = {}, Service = {}, Checks }: HealthEntry,
): Found<M> | undefined => {
  const statuses = (Checks ?? []).map(({ Status }) => Status);
  if (statuses.includes("critical") || statuses.includes("maintenance"))
    return undefined;
  const meta = Service.Meta ?? {};
  const where = `${service} ${Service.ID} in Consul`;
  const own = readOwnWords(meta, where);
  const address = {
    host:
      Service.Address === "" ? Node.Address : (Service.Address ?? Node.Address),
    port: Service.Port,
  };
  const weight = foreignWeight(Service, statuses.includes("warning"));
  if (own === undefined && weight === 0) return undefined;
  const parts =
    own === undefined
      ? { ...address, weight, metadata: foreignMetadata(meta, Service.Tags) }
      : { ...address, ...readMeta(meta, where) };
  const id = own?.id ?? Service.ID ?? "";
  const { instance } = recordOf<M>(parts, service, id, where);
  const revision = BigInt(Service.ModifyIndex ?? 0);
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
