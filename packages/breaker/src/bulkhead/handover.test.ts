import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, it } from "vitest";
import { deferred } from "../../test/deferred.ts";
import { refusalOf } from "../../test/refusal-of.ts";
import { bulkhead, pipeline } from "../index.ts";

describe("a call that is handed another's place in a bulkhead", () => {
  it("runs in its own async context, not in that of the other", async () => {
    const tenant = new AsyncLocalStorage<string>();
    const guarded = pipeline(bulkhead({ max: 1, queue: 1 }));
    const { promise, resolve } = deferred<undefined>();
    const calls = ["one", "another"].map((name) =>
      tenant.run(name, () =>
        guarded.run(async () => {
          const store = tenant.getStore();
          await promise;
          return store;
        }),
      ),
    );
    resolve(undefined);
    expect(await Promise.all(calls)).toEqual(["one", "another"]);
  });

  it("does not begin if it is given up in the same moment, and hands the place on", async () => {
    const limiter = bulkhead({ max: 1, queue: 2 });
    const guarded = pipeline(limiter);
    // The place is handed over a few microtasks after the first call has ended: each of them is tried.
    for (let turns = 0; turns < 12; turns++) {
      const { promise, resolve } = deferred<undefined>();
      const caller = new AbortController();
      let hasBegunAborted = false;
      const first = guarded.run(() => promise);
      const second = refusalOf(
        guarded.run(
          ({ signal }) => {
            hasBegunAborted = signal.aborted;
            return "second";
          },
          { signal: caller.signal },
        ),
      );
      const third = guarded.run(() => "third");
      resolve(undefined);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      caller.abort("gone");
      await first;
      expect(["gone", undefined]).toContain(await second);
      expect(await third).toBe("third");
      expect(hasBegunAborted).toBe(false);
      expect([limiter.inFlight, limiter.waiting]).toEqual([0, 0]);
    }
  });
});
