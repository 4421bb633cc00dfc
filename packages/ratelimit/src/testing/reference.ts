import type { LimitState } from "../decision.ts";
import {
  referenceCount,
  type ReferenceCount,
  type ReferenceKind,
} from "./reference-counts.ts";

/** One limit of a {@link ReferenceLimiter}. */
export interface ReferencePolicy {
  /**
   * The algorithm; `utc-window` is a fixed window with `align: 'utc'`.
   * @defaultValue `'token-bucket'`
   */
  readonly kind?: ReferenceKind;
  readonly limit: number;
  readonly periodUs: number;
  /**
   * For token buckets only.
   * @defaultValue `limit`
   */
  readonly burst?: number;
  /** Charged when it can be, and never refuses. */
  readonly shadow?: boolean;
}

/** What a {@link ReferenceLimiter} answers. */
export interface ReferenceDecision {
  readonly refusal: "limit" | undefined;
  readonly states: readonly LimitState[];
  readonly refused: readonly boolean[];
}

/**
 * Limits written to be read: exact integers without bounds, no cleverness, microseconds. It says what is right; stores
 * and algorithms are compared with it on random traces.
 *
 * Given `maxKeys` it also says what a store of that size does when it is full and `overflow` is `shared`: a key that is
 * back to full is as good as absent, and a new key finds room if fewer than `maxKeys` are not.
 */
export class ReferenceLimiter {
  readonly #policies: readonly ReferencePolicy[];
  readonly #maxKeys: number;
  readonly #counts: Map<string, ReferenceCount>[];
  readonly #shared: ReferenceCount[];

  constructor(
    policies: readonly ReferencePolicy[],
    maxKeys: number = Infinity,
  ) {
    this.#policies = policies;
    this.#maxKeys = maxKeys;
    this.#counts = policies.map(() => new Map<string, ReferenceCount>());
    this.#shared = policies.map(countOf);
  }

  /** Decides for `subjects`, one for each policy, at `nowUs`; charges if `commit` and nothing refuses. */
  decide(
    subjects: readonly string[],
    nowUs: number,
    cost: number,
    commit: boolean,
  ): ReferenceDecision {
    const now = BigInt(nowUs);
    const counts = this.#pick(subjects, now);
    const refused = counts.map((count, index) => {
      count.heal(now);
      return (
        cost > burstOf(this.#policies[index] as ReferencePolicy) ||
        !count.fits(now, BigInt(cost))
      );
    });
    const refusal = refused.some(
      (each, index) => each && this.#policies[index]?.shadow !== true,
    )
      ? "limit"
      : undefined;
    if (commit && cost > 0 && refusal === undefined)
      for (const [index, count] of counts.entries())
        if (refused[index] === false)
          this.#keep(index, subjects, count).take(now, BigInt(cost));
    const states = this.#policies.map((policy, index) =>
      describe(policy, counts[index] as ReferenceCount, now, cost),
    );
    return { refusal, refused, states };
  }

  /** Takes `amount` from every policy, room or not; below 0 it is given back. */
  adjust(subjects: readonly string[], nowUs: number, amount: number): void {
    if (amount === 0) return;
    const now = BigInt(nowUs);
    for (const [index, count] of this.#pick(subjects, now).entries()) {
      count.heal(now);
      if (amount > 0)
        this.#keep(index, subjects, count).take(now, BigInt(amount));
      else if (this.#isBusy(index, count, now))
        count.giveBack(now, BigInt(-amount));
    }
  }

  /** Whether a count is not back to full. */
  #isBusy(index: number, count: ReferenceCount, now: bigint): boolean {
    const policy = this.#policies[index] as ReferencePolicy;
    return !count.fits(now, BigInt(burstOf(policy)));
  }

  /** The count of each subject: its own, a new one if there is room, or the shared one. */
  #pick(subjects: readonly string[], now: bigint): ReferenceCount[] {
    let room = this.#maxKeys;
    for (const [index, counts] of this.#counts.entries())
      for (const count of counts.values())
        if (this.#isBusy(index, count, now)) room--;
    return subjects.map((subject, index) => {
      const known = this.#counts[index]?.get(subject);
      if (known !== undefined && this.#isBusy(index, known, now)) return known;
      return room-- > 0
        ? (known ?? countOf(this.#policies[index] as ReferencePolicy))
        : (this.#shared[index] as ReferenceCount);
    });
  }

  /** Makes a count that of its subject, unless it is the shared one. */
  #keep(
    index: number,
    subjects: readonly string[],
    count: ReferenceCount,
  ): ReferenceCount {
    if (count !== this.#shared[index])
      this.#counts[index]?.set(subjects[index] as string, count);
    return count;
  }
}

const burstOf = ({ limit, burst }: ReferencePolicy): number => burst ?? limit;

const countOf = (policy: ReferencePolicy): ReferenceCount =>
  referenceCount(policy.kind ?? "token-bucket", {
    limit: BigInt(policy.limit),
    period: BigInt(policy.periodUs),
    burst: BigInt(burstOf(policy)),
  });

const describe = (
  policy: ReferencePolicy,
  count: ReferenceCount,
  now: bigint,
  cost: number,
): LimitState => {
  const burst = burstOf(policy);
  const waitMs = (wanted: number): number =>
    Number(firstThat((wait) => count.fits(now + wait, BigInt(wanted)))) / 1000;
  const misses = (units: bigint): boolean =>
    !count.fits(now, BigInt(burst) - units);
  return {
    limit: policy.limit,
    remaining: misses(BigInt(burst))
      ? 0
      : burst - Number(firstThat((units) => !misses(units))),
    resetAfterMs: waitMs(burst),
    retryAfterMs: cost > burst ? null : waitMs(cost),
    periodMs: policy.periodUs / 1000,
  };
};

/** The least number from 0 on that is `enough`, given that all above it are. */
const firstThat = (enough: (candidate: bigint) => boolean): bigint => {
  if (enough(0n)) return 0n;
  let low = 0n;
  let high = 1n;
  while (!enough(high)) {
    low = high;
    high *= 2n;
  }
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
};
