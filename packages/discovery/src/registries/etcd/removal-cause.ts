import type { RemovalCause } from "../../watch-event.ts";
import type { Gateway } from "./gateway.ts";
import { int64, type LeaseAnswer } from "./wire.ts";

/** Beyond so many at once nobody is kept waiting for the causes of the others. */
const mostLooks = 64;

/**
 * Why keys under these leases were deleted without a word of their owners: `expired` if the lease is gone, `unknown` if
 * it is still there (the key was deleted by hand) or etcd does not say. etcd forgets a lease before anybody hears of
 * its keys' end. A lease that was revoked by hand looks the same as one that ran out. One question a lease.
 */
export const causesOf = async (
  leases: ReadonlySet<bigint>,
  gateway: Gateway,
  endpoint: URL,
  signal: AbortSignal,
): Promise<ReadonlyMap<bigint, RemovalCause>> => {
  const causes = new Map<bigint, RemovalCause>();
  const looks = [...leases].slice(0, mostLooks).map(async (lease) => {
    const answer = await gateway
      .call<LeaseAnswer>(
        "lease/timetolive",
        { ID: String(lease) },
        signal,
        endpoint,
      )
      .catch(() => undefined);
    if (answer !== undefined && int64(answer.TTL) <= 0n)
      causes.set(lease, "expired");
  });
  await Promise.all(looks);
  return causes;
};
