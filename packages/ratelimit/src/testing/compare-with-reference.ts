import assert from "node:assert/strict";
import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import { createLimiter } from "../create-limiter.ts";
import type { LimitStore } from "../stores/store.ts";
import { ReferenceLimiter, type ReferencePolicy } from "./reference.ts";

const steps = 300;

/** Random decisions on a store and on the reference, whose answers must be the same. */
export const compareWithReference = async (
  store: LimitStore,
  seed: number,
): Promise<void> => {
  const random = seededRandom(seed);
  const below = (bound: number): number => Math.floor(random() * bound);
  const rates: ReferencePolicy[] = [
    { limit: 3, periodUs: 1_000_000, burst: 3 },
    { limit: 700_000, periodUs: 1_000_000, burst: 5 },
    {
      limit: 1 + below(20),
      periodUs: 1 + below(2_000_000),
      burst: 1 + below(8),
    },
    { limit: 2, periodUs: 1_000_000, burst: 2, shadow: true },
  ];
  const [first, second, third, watching] = rates.map(
    ({ limit, periodUs, burst }) =>
      tokenBucket({ limit, per: periodUs / 1000, burst }),
  );
  assert(first && second && third && watching);
  let nowUs = 1_000_000;
  const limiter = createLimiter({
    policies: { first, second, third, watching },
    shadow: ["watching"],
    store,
    prefix: `compare-${seed}`,
    clock: timeFrom(() => nowUs / 1000),
  });
  const reference = new ReferenceLimiter(rates);
  for (let step = 0; step < steps; step++) {
    const back = random() < 0.1;
    const reach = random() < 0.1 ? 3_000_000 : 400_000;
    nowUs = Math.max(0, nowUs + (back ? -1 : 1) * below(reach));
    const subjects = [0, 1, 2, 3].map(() => `subject ${below(3)}`);
    const [a = "", b = "", c = "", d = ""] = subjects;
    const keys = { first: a, second: b, third: c, watching: d };
    const cost = below(5) === 0 ? below(10) : 1;
    const commit = random() < 0.8;
    const decision = commit
      ? await limiter.take(keys, cost)
      : await limiter.peek(keys, cost);
    const expected = reference.decide(subjects, nowUs, cost, commit);
    assert.deepEqual(
      Object.values(decision.limits),
      expected.states.map((state, index) =>
        index === 3 ? { ...state, shadow: true } : state,
      ),
      `seed ${seed}, step ${step}`,
    );
    assert.equal(decision.allowed, expected.refusal === undefined);
    if (!decision.allowed)
      assert.deepEqual(
        decision.violated,
        (["first", "second", "third"] as const).filter(
          (_, index) => expected.refused[index],
        ),
      );
  }
};

/** A clock that only tells the time. */
export const timeFrom = (now: () => number): ManualClock => {
  const clock = new ManualClock();
  clock.now = now;
  return clock;
};
