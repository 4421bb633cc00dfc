import type { Probes } from "./probes.ts";

/** What the circuit is in, apart from isolation, which lies over it like a lid. */
export type Phase =
  | { readonly state: "closed" }
  | { readonly state: "open"; readonly untilMs: number }
  | Probes;

export const closed: Phase = { state: "closed" };
