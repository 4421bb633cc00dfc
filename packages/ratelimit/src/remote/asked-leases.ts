import type { LeaseStore } from "../leases/lease-store.ts";

/** Does one thing with a hold of a key; says whether it was done. What an operation does not need is 0. */
export type AskForLease = (
  operation: "acquire" | "renew" | "release",
  key: string,
  owner: string,
  ttlMs: number,
  max: number,
) => Promise<boolean>;

/** Leases kept elsewhere, each operation of which is one question. */
export const askedLeases = (ask: AskForLease): LeaseStore => ({
  acquire: (key, owner, max, ttlMs) => ask("acquire", key, owner, ttlMs, max),
  renew: (key, owner, ttlMs) => ask("renew", key, owner, ttlMs, 0),
  release: (key, owner) => ask("release", key, owner, 0, 0),
});
