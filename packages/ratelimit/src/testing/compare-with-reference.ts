import assert from "node:assert/strict";
import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import type { LimitPolicy } from "../algorithms/algorithm.ts";
import { fixedWindow } from "../algorithms/fixed-window.ts";
import { slidingLog } from "../algorithms/sliding-log.ts";
import { slidingWindow } from "../algorithms/sliding-window.ts";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import { createLimiter } from "../create-limiter.ts";
import type { LimitStore } from "../stores/store.ts";
import type { ReferenceKind } from "./reference-counts.ts";
import { ReferenceLimiter, type ReferencePolicy } from "./reference.ts";

const steps = 300;

/**
 * Random decisions on a store and on the reference, whose answers must be the same. The policies are of `kinds` in turn.
 */
export const compareWithReference = async (
  store: LimitStore,
  seed: number,
  kinds: readonly ReferenceKind[],
): Promise<void> => {
  const random = seededRandom(seed);
  const below = (bound: number): number => Math.floor(random() * bound);
  const rates = ratesOf(below, kinds);
  const [first, second, third, watching] = rates.map(policyOf);
  assert(first && second && third && watching);
  let nowUs = 1_000_000;
  const limiter = createLimiter({
    policies: { first, second, third, watching },
    shadow: ["watching"],
    store,
    prefix: `compare-${kinds.join()}-${seed}`,
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

/** A small one, a fast one, one at random, and one that only watches. Bursts are small, to be met. */
const ratesOf = (
  below: (bound: number) => number,
  kinds: readonly ReferenceKind[],
): readonly ReferencePolicy[] => {
  const rates = [
    { limit: 3, periodUs: 1_000_000, burst: 3 },
    { limit: 700_000, periodUs: 1_000_000, burst: 5 },
    {
      limit: 1 + below(20),
      periodUs: 1 + below(2_000_000),
      burst: 1 + below(8),
    },
    { limit: 2, periodUs: 1_000_000, burst: 2, shadow: true },
  ];
  return rates.map((rate, index) => {
    const kind = kinds[index % kinds.length] ?? "token-bucket";
    return kind === "token-bucket"
      ? rate
      : { ...rate, kind, limit: rate.burst };
  });
};

/** The policy of a reference's numbers. */
export const policyOf = (reference: ReferencePolicy): LimitPolicy => {
  const { kind = "token-bucket", limit, periodUs, burst } = reference;
  const per = periodUs / 1000;
  switch (kind) {
    case "token-bucket":
      return tokenBucket({ limit, per, burst });
    case "fixed-window":
      return fixedWindow({ limit, per });
    case "utc-window":
      return fixedWindow({ limit, per, align: "utc" });
    case "sliding-window":
      return slidingWindow({ limit, per });
    case "sliding-log":
      return slidingLog({ limit, per });
  }
};

/** A clock that only tells the time, the same by both of its readings. */
export const timeFrom = (now: () => number): ManualClock => {
  const clock = new ManualClock();
  clock.now = now;
  clock.wallNow = now;
  return clock;
};
