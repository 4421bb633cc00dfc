import type { Instance } from "./instance.ts";

/** Why an instance left: closed by its owner, not renewed within its ttl, or the registry cannot tell. */
export type RemovalCause = "deregistered" | "expired" | "unknown";

/** One instance was added or replaced, or one left. */
export type Change<M> =
  | { readonly op: "put"; readonly instance: Instance<M> }
  | { readonly op: "delete"; readonly id: string; readonly why: RemovalCause };

/**
 * What a watch tells, always in order of revision.
 *
 * `sync` replaces everything known: it is the first event, and comes again when the deltas in between are gone
 * (`compacted`), the store started over (`store-reset`) or the watcher was too slow (`overflow`). `delta` is exactly
 * one revision. `stale` says that contact was lost at `sinceMs` (the registry's monotonic clock) and what was told
 * before may be out of date; `fresh` that it is restored and nothing was missed.
 */
export type WatchEvent<M> =
  | {
      readonly type: "sync";
      readonly revision: bigint;
      readonly reason: "initial" | "compacted" | "store-reset" | "overflow";
      readonly instances: ReadonlyMap<string, Instance<M>>;
    }
  | {
      readonly type: "delta";
      readonly revision: bigint;
      readonly changes: readonly Change<M>[];
    }
  | { readonly type: "stale"; readonly sinceMs: number; readonly error: Error }
  | { readonly type: "fresh"; readonly revision: bigint };
