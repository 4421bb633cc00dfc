import { ManualClock } from "@dp/core/testing";
import type { Clock } from "@dp/core";
import type { SagaStore } from "../stores/store.ts";
import { appendingCases } from "./store/appending-cases.ts";
import { claimingCases } from "./store/claiming-cases.ts";
import { readingCases } from "./store/reading-cases.ts";
import { startingCases } from "./store/starting-cases.ts";
import type { SuiteCase } from "./suite-case.ts";

/** Gives an empty store whose time is the clock's. */
export type StoreFactory = (options: {
  readonly clock: Clock;
}) => SagaStore | Promise<SagaStore>;

/**
 * The laws every store keeps, for any test runner:
 * `for (const { name, run } of storeSuite(({ clock }) => myStore({ clock }))) it(name, run)`.
 *
 * Each case asks for a store of its own and closes it.
 */
export const storeSuite = (create: StoreFactory): readonly SuiteCase[] =>
  [...startingCases, ...appendingCases, ...claimingCases, ...readingCases].map(
    ({ name, run }) => ({
      name,
      run: async () => {
        const clock = new ManualClock();
        await using store = await create({ clock });
        await store.open();
        await run({ store, clock });
      },
    }),
  );
