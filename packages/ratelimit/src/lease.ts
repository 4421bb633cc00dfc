import type { Clock } from "@dp/core";
import type { LeaseStore } from "./leases/lease-store.ts";

/** A place that is held until it is released. */
export interface Lease extends AsyncDisposable {
  readonly key: string;
  /**
   * Aborts when the lease has ended although nobody released it: the store could not be reached in time, or this process
   * stood still. Others may hold the place then.
   */
  readonly signal: AbortSignal;
  /** Gives the place back. The second time does nothing. Never rejects: what the store is not told of ends by itself. */
  release(): Promise<void>;
}

/** What a lease is made of. */
export interface LeaseParts {
  readonly key: string;
  /** What the store calls it. */
  readonly name: string;
  readonly owner: string;
  readonly ttlMs: number;
  /** When it was asked for: it ends no later than `ttlMs` after that. */
  readonly startedMs: number;
  readonly clock: Clock;
  readonly leases: LeaseStore;
  /** Told once that it is over, and whether it was lost. */
  ended(isLost: boolean): void;
}

/** A lease that renews itself every third of its time. */
export const createLease = (parts: LeaseParts): Lease => {
  const { key, name, owner, ttlMs, clock, leases } = parts;
  const lost = new AbortController();
  let endMs = parts.startedMs + ttlMs;
  let isHeld = true;
  let cancel = (): void => undefined;

  const end = (isLost: boolean): void => {
    if (!isHeld) return;
    isHeld = false;
    cancel();
    parts.ended(isLost);
    if (isLost) lost.abort(new Error(`the lease of ${key} has ended`));
  };
  const renew = async (): Promise<void> => {
    const sentMs = clock.now();
    if (sentMs >= endMs) {
      end(true);
      return;
    }
    // Also while the store is asked: it may not answer.
    wake(endMs - sentMs);
    // What the store could not do it may do the next time, and that comes soon.
    const isRenewed = await leases
      .renew(name, owner, ttlMs)
      .catch(() => undefined);
    if (!isHeld) return;
    if (isRenewed === false) end(true);
    else {
      if (isRenewed === true) endMs = sentMs + ttlMs;
      cancel();
      const pauseMs = isRenewed === true ? ttlMs / 3 : ttlMs / 10;
      wake(Math.min(pauseMs, Math.max(0, endMs - clock.now())));
    }
  };
  const wake = (afterMs: number): void => {
    cancel = clock.schedule(afterMs, () => void renew());
  };
  wake(ttlMs / 3);

  const release = async (): Promise<void> => {
    if (!isHeld) return;
    end(false);
    await leases.release(name, owner).catch(() => undefined);
  };
  return { key, signal: lost.signal, release, [Symbol.asyncDispose]: release };
};
