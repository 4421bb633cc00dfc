import { type MemoryStore, memoryStore } from "@dp/ratelimit";

/**
 * Where the limits of a scope are counted: all in `given`, or each scope in a store of its own that it keeps over
 * reloads. Apart, so that a flood of keys on one route cannot fill the store of another.
 */
export const createLimitStores = (
  given: MemoryStore | undefined,
  create: () => MemoryStore = memoryStore,
): ((scope: string) => MemoryStore) => {
  const stores = new Map<string, MemoryStore>();
  return (scope) => {
    const store = given ?? stores.get(scope) ?? create();
    stores.set(scope, store);
    return store;
  };
};
