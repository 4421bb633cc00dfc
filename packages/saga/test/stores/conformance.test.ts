import { describe, it } from "vitest";
import { memoryStore, type SagaStore } from "@dp/saga";
import { sqliteStore } from "@dp/saga/sqlite";
import {
  faultyStore,
  storeSuite,
  type StoreFactory,
  type StoreFault,
} from "@dp/saga/testing";
import { aroundStore } from "../../src/testing/around-store.ts";
import { newPath } from "./folder.ts";

/** Operations whose answer is another one the second time, as the port says: of these only the first try fails. */
const answersOnce = /^(start|claim|seize)/;

/** A store of which each operation fails once or twice, asked again until it answers: to its user as good as one that never fails. */
const insistent = (store: SagaStore): SagaStore => {
  let calls = 0;
  let isSecond = false;
  const faultOf = (operation: string): StoreFault | undefined => {
    isSecond = !isSecond;
    if (!isSecond) return undefined;
    calls++;
    return answersOnce.test(operation) || calls % 2 === 0 ? "before" : "after";
  };
  const faulty = faultyStore(store, faultOf);
  let last: Promise<unknown> = Promise.resolve();
  // One after the other, so that each first try is the one that fails.
  return aroundStore(faulty, (_operation, work) => {
    const next = last.then(() => work().catch(() => work()));
    last = next.catch(() => undefined);
    return next;
  });
};

const stores: readonly (readonly [string, StoreFactory])[] = [
  ["memory", memoryStore],
  ["SQLite", (options) => sqliteStore(newPath(), options)],
  ["memory that fails", (options) => insistent(memoryStore(options))],
  [
    "SQLite that fails",
    (options) => insistent(sqliteStore(newPath(), options)),
  ],
];

describe.each(stores)("the store in %s", (store, factory) => {
  const isFaulty = store.includes("fails");
  for (const { name, run } of storeSuite(factory)) {
    // What is asked of a store that is being closed is not asked again.
    if (isFaulty && name.startsWith("close ")) continue;
    it(name, run);
  }
});
