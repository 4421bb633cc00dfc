import type { Resolver } from "node:dns/promises";
import { DpError } from "@dp/core";

/** One place a name leads to. */
export interface Target {
  readonly host: string;
  /** Undefined for an address. */
  readonly port?: number;
  readonly priority?: number;
  readonly weight?: number;
}

/**
 * A weight of 0 asks for a very small chance beside others that have one (RFC 2782): a hundredth of the least that can
 * be written. Where nobody has one it says that there is nothing to choose.
 */
const zeroWeight = 0.01;

const failed = (name: string, type: string, cause: unknown): DpError => {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new DpError(
    "DP_LOOKUP_FAILED",
    `${type} ${name}: ${code ?? message}`,
    { cause, retryable: true },
  );
};

/** `none` if the name or the type does not exist, which is an answer; all else that is not a record is a failure. */
const answerOf = async <T>(
  name: string,
  type: string,
  records: Promise<T[]>,
): Promise<T[]> => {
  try {
    return await records;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTFOUND" || code === "ENODATA") return [];
    throw failed(name, type, error);
  }
};

/** The targets of the SRV records of a name, the most preferred first; none if it says that there is no such service. */
export const lookUpServices = async (
  resolver: Resolver,
  name: string,
): Promise<Target[]> => {
  const records = await answerOf(name, "SRV", resolver.resolveSrv(name));
  const places = records.filter(
    ({ name: host }) => host !== "" && host !== ".",
  );
  const ofNone = places.some(({ weight }) => weight > 0) ? zeroWeight : 1;
  return places
    .map((record) => ({
      host: record.name.toLowerCase(),
      port: record.port,
      priority: record.priority,
      weight: record.weight === 0 ? ofNone : record.weight,
    }))
    .sort(
      (one, other) =>
        one.priority - other.priority ||
        other.weight - one.weight ||
        (one.host < other.host ? -1 : 1),
    );
};

/** The addresses of a name by family; undefined: not known. */
export interface Addresses {
  readonly v4: readonly string[] | undefined;
  readonly v6: readonly string[] | undefined;
}

/**
 * The addresses of a name. A family whose look-up fails keeps what `last` says, and the failure is reported: servers
 * that answer for A alone are common (RFC 4074). Rejects when nothing is left to go by.
 */
export const lookUpAddresses = async (
  resolver: Resolver,
  name: string,
  last: Addresses | undefined,
  report: (error: unknown) => void,
): Promise<Addresses> => {
  const [v4, v6] = await Promise.allSettled([
    answerOf(name, "A", resolver.resolve4(name)),
    answerOf(name, "AAAA", resolver.resolve6(name)),
  ]);
  if (v4.status === "rejected" && v6.status === "rejected") throw v4.reason;
  const addresses = {
    v4: v4.status === "fulfilled" ? v4.value : last?.v4,
    v6: v6.status === "fulfilled" ? v6.value : last?.v6,
  };
  for (const each of [v4, v6]) {
    if (each.status === "fulfilled") continue;
    if (targetsOf(addresses).length === 0) throw each.reason;
    report(each.reason);
  }
  return addresses;
};

export const targetsOf = ({ v4 = [], v6 = [] }: Addresses): Target[] =>
  [...[...v4].sort(), ...[...v6].sort()].map((host) => ({ host }));
