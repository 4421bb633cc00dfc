import type { Clock } from "@dp/core";
import { IdleHeap } from "../stores/idle-heap.ts";
import type { LeaseStore } from "./lease-store.ts";

interface Hold {
  readonly key: string;
  readonly owner: string;
}

/**
 * Leases in this process's memory: as much as is held, and nothing of what has ended, which goes as others come. O(log n)
 * a call.
 */
export class MemoryLeases implements LeaseStore {
  readonly #clock: Clock;
  /** Slots of `#ends` by owner, by key. */
  readonly #held = new Map<string, Map<string, number>>();
  readonly #ends = new IdleHeap();
  readonly #holds: (Hold | undefined)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  acquire(
    key: string,
    owner: string,
    max: number,
    ttlMs: number,
  ): Promise<boolean> {
    const endMs = this.#clock.now() + ttlMs;
    this.#dropEnded();
    const owners = this.#held.get(key) ?? new Map<string, number>();
    const slot = owners.get(owner);
    if (slot !== undefined) this.#ends.move(slot, endMs);
    else if (owners.size >= max) return Promise.resolve(false);
    else {
      const taken = this.#ends.add(endMs);
      this.#holds[taken] = { key, owner };
      owners.set(owner, taken);
      this.#held.set(key, owners);
    }
    return Promise.resolve(true);
  }

  renew(key: string, owner: string, ttlMs: number): Promise<boolean> {
    this.#dropEnded();
    const slot = this.#held.get(key)?.get(owner);
    if (slot !== undefined) this.#ends.move(slot, this.#clock.now() + ttlMs);
    return Promise.resolve(slot !== undefined);
  }

  release(key: string, owner: string): Promise<boolean> {
    this.#dropEnded();
    const slot = this.#held.get(key)?.get(owner);
    if (slot !== undefined) this.#drop(slot);
    return Promise.resolve(slot !== undefined);
  }

  #dropEnded(): void {
    const now = this.#clock.now();
    for (
      let slot = this.#ends.first();
      slot >= 0 && this.#ends.due(slot) <= now;
      slot = this.#ends.first()
    )
      this.#drop(slot);
  }

  #drop(slot: number): void {
    const { key, owner } = this.#holds[slot] as Hold;
    this.#holds[slot] = undefined;
    this.#ends.remove(slot);
    const owners = this.#held.get(key);
    owners?.delete(owner);
    if (owners?.size === 0) this.#held.delete(key);
  }
}
