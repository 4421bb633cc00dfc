import type { LimitState } from "../decision.ts";
import {
  resolveLimitFor,
  resolveSubjectLimit,
  resolveTokenBucket,
  type ResolvedTokenBucket,
  type TokenBucketOptions,
} from "../options.ts";
import type { LimitPolicy } from "./algorithm.ts";
import { PolicyCache } from "./policy-cache.ts";

/**
 * A bucket of `burst` tokens that refills evenly, `limit` tokens each `per`: a rested subject can take `burst` at once,
 * and over any interval of length s it gets at most `burst + s * limit / per`.
 *
 * It is GCRA (ITU-T I.371, virtual scheduling) in integers. With P = period in units of time, T = P / limit between two
 * tokens is rarely an integer (3 per second: 333333.3 us), and rounding it makes the rate wrong: 700,000 per second
 * would become 1,000,000 or 500,000. So the state is the theoretical arrival time as an exact fraction, whole units and
 * a remainder in 1/limit units:
 *
 *     TAT = cells[at] + cells[at + 1] / limit,   0 <= cells[at + 1] < limit
 *
 * Taking c adds c * P / limit. It is allowed while TAT - now + c * P / limit <= burst * P / limit. No product exceeds
 * burst * P, which is at most 2^53 - 1, so every number is exact; and for integers 0 <= x < 2^53 and y > 0,
 * `Math.floor(x / y)` is the true floor: were it one more, x / y would lie within half an ulp of that integer n, but
 * n * y - x >= 1 puts it at least 1 / (n * y) >= 2^-53 of it away.
 */
class TokenBucket implements LimitPolicy {
  readonly kind = "token-bucket";
  readonly limit: number;
  readonly burst: number;
  readonly periodMs: number;
  readonly unitsPerMs: 1000 | 1;
  readonly identity: string;
  readonly width = 2;
  readonly paceMs: number;

  /** P, in units. */
  readonly #period: number;
  /** T = P / limit, as whole units and remainder. */
  readonly #step: number;
  readonly #stepRest: number;
  /** The lead of TAT at which the bucket is empty: burst * T. */
  readonly #span: number;
  readonly #spanRest: number;
  /** The lead at which one token is left: (burst - 1) * T. */
  readonly #spare: number;
  readonly #spareRest: number;
  /** The lead of the greatest debt, above which no honest clock explains it: 2 * burst * T. */
  readonly #far: number;
  readonly #farRest: number;

  constructor(resolved: ResolvedTokenBucket) {
    const { limit, burst, periodMs, unitsPerMs, identity } = resolved;
    this.limit = limit;
    this.burst = burst;
    this.periodMs = periodMs;
    this.unitsPerMs = unitsPerMs;
    this.identity = identity;
    this.paceMs = periodMs / limit;
    const period = Math.round(periodMs * unitsPerMs);
    this.#period = period;
    this.#step = Math.floor(period / limit);
    this.#stepRest = period - this.#step * limit;
    this.#span = Math.floor((burst * period) / limit);
    this.#spanRest = burst * period - this.#span * limit;
    this.#spare = Math.floor(((burst - 1) * period) / limit);
    this.#spareRest = (burst - 1) * period - this.#spare * limit;
    const carry = 2 * this.#spanRest >= limit ? 1 : 0;
    this.#far = 2 * this.#span + carry;
    this.#farRest = 2 * this.#spanRest - carry * limit;
  }

  start(cells: Float64Array, at: number, now: number): void {
    cells[at] = now;
    cells[at + 1] = 0;
  }

  heal(cells: Float64Array, at: number, now: number): boolean {
    const lead = (cells[at] as number) - now;
    if (!this.#isFar(lead, cells[at + 1] as number)) return false;
    cells[at] = now + this.#span;
    cells[at + 1] = this.#spanRest;
    return true;
  }

  wait(cells: Float64Array, at: number, now: number, cost: number): number {
    if (cost > this.burst) return Infinity;
    const lead = (cells[at] as number) - now;
    if (lead < 0) return 0;
    let room = this.#spare;
    let roomRest = this.#spareRest;
    if (cost !== 1) {
      const free = (this.burst - cost) * this.#period;
      room = Math.floor(free / this.limit);
      roomRest = free - room * this.limit;
    }
    if (lead < room) return 0;
    // Compared as pairs, because lead * limit may be too large when a clock has gone back.
    const over = (cells[at + 1] as number) > roomRest ? 1 : 0;
    return lead - room + over;
  }

  charge(cells: Float64Array, at: number, now: number, cost: number): void {
    let arrival = cells[at] as number;
    let rest = cells[at + 1] as number;
    if (arrival < now) {
      arrival = now;
      rest = 0;
    }
    if (cost === 1) {
      arrival += this.#step;
      rest += this.#stepRest;
      if (rest >= this.limit) {
        rest -= this.limit;
        arrival++;
      }
    } else {
      const sum = rest + cost * this.#period;
      const units = Math.floor(sum / this.limit);
      arrival += units;
      rest = sum - units * this.limit;
    }
    cells[at] = arrival;
    cells[at + 1] = rest;
  }

  force(cells: Float64Array, at: number, now: number, cost: number): void {
    // One burst at a time, because no product may exceed burst * P; after two the bound is reached.
    const first = Math.min(cost, this.burst);
    this.#owe(cells, at, now, first);
    if (cost > first)
      this.#owe(cells, at, now, Math.min(cost - first, this.burst));
  }

  giveBack(cells: Float64Array, at: number, now: number, amount: number): void {
    const first = Math.min(amount, this.burst);
    this.#forgive(cells, at, now, first);
    if (amount > first)
      this.#forgive(cells, at, now, Math.min(amount - first, this.burst));
  }

  idleAt(cells: Float64Array, at: number): number {
    return (cells[at] as number) + (cells[at + 1] === 0 ? 0 : 1);
  }

  describe(
    cells: Float64Array,
    at: number,
    now: number,
    cost: number,
  ): LimitState {
    const lead = (cells[at] as number) - now;
    const rest = cells[at + 1] as number;
    let remaining = this.burst;
    let reset = 0;
    if (lead >= 0) {
      reset = rest === 0 ? lead : lead + 1;
      // Above the span the product may be inexact, but then nothing remains either way.
      remaining =
        lead > this.#span
          ? 0
          : Math.max(
              0,
              remaining - Math.ceil((lead * this.limit + rest) / this.#period),
            );
    }
    // A whole token left for every unit of cost is what `wait` of 0 means; it spares the hot path the second look.
    const wait =
      remaining >= cost && remaining > 0 ? 0 : this.wait(cells, at, now, cost);
    return {
      limit: this.limit,
      remaining,
      resetAfterMs: reset / this.unitsPerMs,
      retryAfterMs: wait === Infinity ? null : wait / this.unitsPerMs,
      periodMs: this.periodMs,
    };
  }

  /** Whether a lead is above 2 * burst * T. */
  #isFar(lead: number, rest: number): boolean {
    return lead > this.#far || (lead === this.#far && rest > this.#farRest);
  }

  /** Adds `cost` * T to the lead, up to its bound; `cost` is at most the burst. */
  #owe(cells: Float64Array, at: number, now: number, cost: number): void {
    let lead = (cells[at] as number) - now;
    let rest = cells[at + 1] as number;
    if (lead < 0) {
      lead = 0;
      rest = 0;
    }
    const parts = cost * this.#period;
    const units = Math.floor(parts / this.limit);
    // What is missing to a whole unit: the sum of two remainders may be above 2^53, no difference is.
    const missing = this.limit - (parts - units * this.limit);
    lead += units;
    if (rest >= missing) {
      lead++;
      rest -= missing;
    } else rest += this.limit - missing;
    if (this.#isFar(lead, rest)) {
      lead = this.#far;
      rest = this.#farRest;
    }
    cells[at] = now + lead;
    cells[at + 1] = rest;
  }

  /** Takes `amount` * T from the lead, down to none; `amount` is at most the burst. */
  #forgive(cells: Float64Array, at: number, now: number, amount: number): void {
    let lead = (cells[at] as number) - now;
    if (lead < 0) return;
    const parts = amount * this.#period;
    const units = Math.floor(parts / this.limit);
    let rest = (cells[at + 1] as number) - (parts - units * this.limit);
    lead -= units;
    if (rest < 0) {
      lead--;
      rest += this.limit;
    }
    cells[at] = lead < 0 ? now : now + lead;
    cells[at + 1] = lead < 0 ? 0 : rest;
  }
}

/** A token bucket some of whose subjects have a limit of their own. */
class VariedTokenBucket extends TokenBucket {
  readonly #limitFor: NonNullable<TokenBucketOptions["limitFor"]>;
  readonly #variants = new PolicyCache<ResolvedTokenBucket>(
    (resolved) => new TokenBucket(resolved),
  );

  constructor(
    resolved: ResolvedTokenBucket,
    limitFor: NonNullable<TokenBucketOptions["limitFor"]>,
  ) {
    super(resolved);
    this.#limitFor = limitFor;
  }

  of(subject: string): LimitPolicy {
    const answer = this.#limitFor(subject);
    return answer === undefined
      ? this
      : this.#variants.get(resolveSubjectLimit(subject, answer));
  }
}

/**
 * A limit of `limit` units each `per`, with bursts of up to `burst` units (`limit` if not given).
 *
 * The rate is exact, whatever the numbers: 3 per second admits 3,000,000 in a million seconds. Note that with
 * `burst = limit` one period can see up to twice `limit`, the burst and the refill; for at most `limit` in every
 * period choose `burst` and `limit` of half that each. Cost: O(1) time, two numbers of state a subject.
 *
 * Throws `InvalidOptionError` if an option is out of bounds or `burst` times `per` is above 2^53 - 1 milliseconds
 * (the resolution is 1 us if that product in microseconds stays in the bound, else 1 ms). With `limitFor` a decision
 * throws it too, naming the subject, when the answer for the subject is out of bounds.
 */
export const tokenBucket = (options: TokenBucketOptions): LimitPolicy => {
  const resolved = resolveTokenBucket(options);
  const limitFor = resolveLimitFor(options.limitFor);
  return limitFor === undefined
    ? new TokenBucket(resolved)
    : new VariedTokenBucket(resolved, limitFor);
};
