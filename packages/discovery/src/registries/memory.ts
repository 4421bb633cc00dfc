import { systemClock, systemRandom, type Clock, type Random } from "@dp/core";
import { ClosedError } from "../errors.ts";
import type { Metadata } from "../instance.ts";
import { resolveSpec } from "../instance-spec.ts";
import { openOnFirstRead } from "../open-on-first-read.ts";
import type { Registry } from "../registry.ts";
import { MemoryRegistration } from "./memory-registration.ts";
import { MemoryStore } from "./memory-store.ts";

export interface MemoryRegistryOptions {
  /** @defaultValue the machine's clock */
  readonly clock?: Clock | undefined;
  /** Spreads renewals. @defaultValue the machine's generator */
  readonly random?: Random | undefined;
}

/** A registry inside this process, with what tests and fixed target lists want besides. */
export interface MemoryRegistry<M = Metadata> extends Registry<M> {
  /** Watches that are open. A program that ends with 0 leaks none. */
  readonly watches: number;
  /**
   * As if the process that registered this instance had died: its renewals stop and nothing is deregistered, so it
   * leaves by `expired` when its ttl is over. Unknown ids are ignored.
   */
  crash(service: string, id: string): void;
}

/**
 * A registry that lives and dies with this process: for tests, for fixed lists of targets (`ttl: Infinity`), and as
 * the reference of the port's contract. Nothing leaves the process; nothing survives it.
 *
 * All calls take effect at once, in the order made. Costs one timer for each registration with a finite ttl and one
 * for the registry; none for `ttl: Infinity`. A write costs O(1) plus O(watches of that service).
 */
export const memoryRegistry = <M = Metadata>(
  options: MemoryRegistryOptions = {},
): MemoryRegistry<M> => {
  const { clock = systemClock, random = systemRandom } = options;
  const store = new MemoryStore<M>(clock);
  /** The newest open registration of each service and id, expired or not: what a newer one has to supersede. */
  const holders = new Map<string, MemoryRegistration<M>>();
  let closed = false;

  const holderKey = (service: string, id: string): string =>
    JSON.stringify([service, id]);
  const leave = (registration: MemoryRegistration<M>): void => {
    const { service, id } = registration.instance;
    const key = holderKey(service, id);
    if (holders.get(key) === registration) holders.delete(key);
  };
  const requireOpen = (): void => {
    if (closed) throw new ClosedError("the memory registry");
  };

  return {
    capabilities: { lease: true, push: true, fencing: true },
    get watches() {
      return store.watches;
    },
    register: (spec, registerOptions) =>
      new Promise((resolve) => {
        requireOpen();
        registerOptions?.signal?.throwIfAborted();
        const { instance, ttlMs } = resolveSpec(spec);
        const key = holderKey(instance.service, instance.id);
        const older = holders.get(key);
        // Written before the older one hears of it: nobody sees the id missing in between.
        const newer = new MemoryRegistration(
          instance,
          ttlMs,
          store,
          clock,
          random,
          leave,
        );
        holders.set(key, newer);
        older?.supersede();
        resolve(newer);
      }),
    list: (service) =>
      new Promise((resolve) => {
        requireOpen();
        resolve(store.list(service));
      }),
    services: () =>
      new Promise((resolve) => {
        requireOpen();
        resolve(store.services());
      }),
    watch: (service, watchOptions) => ({
      [Symbol.asyncIterator]: () =>
        openOnFirstRead(() => {
          requireOpen();
          return store.watch(service, watchOptions?.signal);
        }, watchOptions?.signal),
    }),
    crash: (service, id) => holders.get(holderKey(service, id))?.crash(),
    async [Symbol.asyncDispose]() {
      if (closed) return;
      closed = true;
      const closing = [...holders.values()].map((each) => each.close());
      store.close();
      await Promise.all(closing);
    },
  };
};
