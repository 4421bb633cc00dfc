import type { Instance } from "../instance.ts";

/** What a registry says to a put it carried out. */
export interface Written {
  /** Of the put; the fencing token. */
  readonly revision: bigint;
  /** The ttl the registry granted; `Infinity` if the instance needs no renewal. */
  readonly grantedTtlMs: number;
}

/**
 * Port: how one registration reaches its registry. Each call is one attempt, bounded by the signal, with no retry
 * inside; calls never overlap. A rejection means that nobody knows whether it took effect, so all of them may be
 * repeated.
 */
export interface Announcement<M> {
  /**
   * Makes the instance visible under this registration's lease, over whatever an older incarnation left, its own
   * earlier puts included. `superseded` if a newer incarnation holds the id: nothing was written then.
   */
  put(
    instance: Instance<M>,
    signal: AbortSignal,
  ): Promise<Written | "superseded">;
  /**
   * Renews the lease. `gone` if the lease or the entry is no longer there, `superseded` if a newer incarnation holds
   * the id.
   */
  renew(signal: AbortSignal): Promise<"renewed" | "gone" | "superseded">;
  /** Removes the entry and the lease if they are still this registration's; never a newer incarnation's. */
  remove(signal: AbortSignal): Promise<void>;
}
