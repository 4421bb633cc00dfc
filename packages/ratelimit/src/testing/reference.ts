import type { LimitState } from "../decision.ts";

/** One limit of a {@link ReferenceLimiter}. */
export interface ReferencePolicy {
  readonly limit: number;
  readonly periodUs: number;
  readonly burst: number;
  /** Charged when it can be, and never refuses. */
  readonly shadow?: boolean;
}

/** What a {@link ReferenceLimiter} answers. */
export interface ReferenceDecision {
  readonly refusal: "limit" | undefined;
  readonly states: readonly LimitState[];
  readonly refused: readonly boolean[];
}

interface Bucket {
  /** The theoretical arrival time, in 1/limit microseconds. */
  arrival: bigint;
}

const ceilDivide = (dividend: bigint, divisor: bigint): bigint =>
  (dividend + divisor - 1n) / divisor;

/**
 * Token buckets written to be read: exact integers without bounds, no cleverness, microseconds. It says what is right;
 * stores and algorithms are compared with it on random traces.
 *
 * Given `maxKeys` it also says what a store of that size does when it is full and `overflow` is `shared`: a key that is
 * back to full is as good as absent, and a new key finds room if fewer than `maxKeys` are not.
 */
export class ReferenceLimiter {
  readonly #policies: readonly ReferencePolicy[];
  readonly #maxKeys: number;
  readonly #buckets: Map<string, Bucket>[];
  readonly #shared: Bucket[];

  constructor(
    policies: readonly ReferencePolicy[],
    maxKeys: number = Infinity,
  ) {
    this.#policies = policies;
    this.#maxKeys = maxKeys;
    this.#buckets = policies.map(() => new Map<string, Bucket>());
    this.#shared = policies.map(() => ({ arrival: 0n }));
  }

  /** Decides for `subjects`, one for each policy, at `nowUs`; charges if `commit` and nothing refuses. */
  decide(
    subjects: readonly string[],
    nowUs: number,
    cost: number,
    commit: boolean,
  ): ReferenceDecision {
    const buckets = this.#pick(subjects, BigInt(nowUs));
    const found = this.#policies.map((policy, index) =>
      look(policy, buckets[index] as Bucket, BigInt(nowUs), BigInt(cost)),
    );
    const refusal = found.every(
      ({ waitUs }, index) =>
        waitUs === 0n || this.#policies[index]?.shadow === true,
    )
      ? undefined
      : "limit";
    if (commit && cost > 0 && refusal === undefined)
      for (const [index, { arrival, waitUs }] of found.entries()) {
        if (waitUs !== 0n) continue;
        const bucket = buckets[index] as Bucket;
        bucket.arrival = arrival;
        if (bucket !== this.#shared[index])
          this.#buckets[index]?.set(subjects[index] as string, bucket);
      }
    return {
      refusal,
      refused: found.map(({ waitUs }) => waitUs !== 0n),
      states: this.#policies.map((policy, index) =>
        describe(policy, buckets[index] as Bucket, BigInt(nowUs), BigInt(cost)),
      ),
    };
  }

  #pick(subjects: readonly string[], nowUs: bigint): Bucket[] {
    const busy = (index: number, bucket: Bucket | undefined): boolean =>
      bucket !== undefined &&
      bucket.arrival >
        nowUs * BigInt((this.#policies[index] as ReferencePolicy).limit);
    let room = this.#maxKeys;
    for (const [index, buckets] of this.#buckets.entries())
      for (const bucket of buckets.values()) if (busy(index, bucket)) room--;
    return subjects.map((subject, index) => {
      const known = this.#buckets[index]?.get(subject);
      if (known !== undefined && busy(index, known)) return known;
      return room-- > 0
        ? { arrival: known?.arrival ?? 0n }
        : (this.#shared[index] as Bucket);
    });
  }
}

/** Until `cost` is allowed (-1 = never), and the arrival time if it is charged. Heals the bucket. */
const look = (
  policy: ReferencePolicy,
  bucket: Bucket,
  nowUs: bigint,
  cost: bigint,
): { waitUs: bigint; arrival: bigint } => {
  const limit = BigInt(policy.limit);
  const period = BigInt(policy.periodUs);
  const span = BigInt(policy.burst) * period;
  const now = nowUs * limit;
  if (bucket.arrival > now + 2n * span) bucket.arrival = now + span;
  const base = bucket.arrival > now ? bucket.arrival : now;
  const arrival = base + cost * period;
  if (cost > BigInt(policy.burst)) return { waitUs: -1n, arrival };
  const over = arrival - now - span;
  return { waitUs: over > 0n ? ceilDivide(over, limit) : 0n, arrival };
};

const describe = (
  policy: ReferencePolicy,
  bucket: Bucket,
  nowUs: bigint,
  cost: bigint,
): LimitState => {
  const limit = BigInt(policy.limit);
  const lead = bucket.arrival - nowUs * limit;
  const debt = lead > 0n ? lead : 0n;
  const left = BigInt(policy.burst) - ceilDivide(debt, BigInt(policy.periodUs));
  const { waitUs } = look(policy, bucket, nowUs, cost);
  return {
    limit: policy.limit,
    remaining: left > 0n ? Number(left) : 0,
    resetAfterMs: Number(ceilDivide(debt, limit)) / 1000,
    retryAfterMs: waitUs < 0n ? null : Number(waitUs) / 1000,
    periodMs: policy.periodUs / 1000,
  };
};
