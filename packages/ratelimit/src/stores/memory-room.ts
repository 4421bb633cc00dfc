import type { Clock } from "@dp/core";
import type { LimitPolicy } from "../algorithms/algorithm.ts";
import type { KeyTable } from "./key-table.ts";
import type { BoundPolicy } from "./store.ts";

/** What the sessions of one memory store share. */
export interface MemoryRoom {
  readonly overflow: "shared" | "deny";
  /** How many new subjects fit without forgetting any. */
  readonly room: number;
  table(policy: BoundPolicy, clock: Clock): KeyTable;
  /** The table for variants of a policy whose times have another resolution than its own. */
  tableOfVariants(
    policy: BoundPolicy,
    variant: LimitPolicy,
    clock: Clock,
  ): KeyTable;
  makeRoom(wanted: number, clock: Clock, nowMs: number): void;
  /** Until a subject may become idle, at the earliest. */
  roomAfterMs(clock: Clock, nowMs: number): number;
}
