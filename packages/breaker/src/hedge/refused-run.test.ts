import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { deferred } from "../../test/deferred.ts";
import { refusalOf } from "../../test/refusal-of.ts";
import {
  aimd,
  breaker,
  bulkhead,
  concurrencyLimit,
  consecutive,
  hedge,
  pipeline,
  type Policy,
} from "../index.ts";

/** A call that takes as long as the test wants, hedged after 100 ms, through a policy that refuses its extra run. */
const make = (inside: Policy) => {
  const clock = new ManualClock();
  const guarded = pipeline({ clock }, hedge({ after: 100 }), inside);
  const first = deferred<string>();
  let runs = 0;
  const run = (): Promise<string> =>
    guarded.run(({ signal }) => {
      runs++;
      signal.addEventListener("abort", () => first.reject(signal.reason));
      return first.promise;
    });
  return { clock, first, run, runs: () => runs };
};

describe("an extra run of a hedge that a policy inside refuses", () => {
  it("leaves the call to the run under way", async () => {
    for (const inside of [
      bulkhead({ max: 1 }),
      concurrencyLimit(aimd({ max: 1 })),
    ]) {
      const { clock, first, run, runs } = make(inside);
      const answer = run();
      await clock.advance(150);
      first.resolve("first");
      expect(await answer).toBe("first");
      expect(runs()).toBe(1);
    }
  });

  it("lets a slow probe go on that takes the only place of a circuit", async () => {
    const circuit = breaker({ trip: consecutive(1), probes: 1, openFor: 50 });
    const { clock, first, run } = make(circuit);
    circuit.permit().failure();
    await clock.advance(50);
    const answer = run();
    await clock.advance(150);
    first.resolve("slow");
    expect(await answer).toBe("slow");
    expect(circuit.state).toBe("closed");
  });

  it("does not keep the failure of the last one from ending the call", async () => {
    const { clock, first, run } = make(bulkhead({ max: 1 }));
    const answer = refusalOf(run());
    await clock.advance(150);
    // The first call holds the only place.
    expect(await refusalOf(run())).toContain("full: bulkhead has 1 calls");
    first.reject(new Error("down"));
    expect(await answer).toEqual(new Error("down"));
  });
});
