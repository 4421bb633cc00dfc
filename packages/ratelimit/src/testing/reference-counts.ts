/** Microseconds and units, as integers without bounds. */
interface CountOptions {
  readonly limit: bigint;
  readonly period: bigint;
  readonly burst: bigint;
}

/** What one subject has taken from one limit: all that a reference needs to know of an algorithm. */
export interface ReferenceCount {
  /** Whether `cost` could be taken at `now`. */
  fits(now: bigint, cost: bigint): boolean;
  /** Takes `cost`, room or not, up to the greatest debt. */
  take(now: bigint, cost: bigint): void;
  giveBack(now: bigint, amount: bigint): void;
  /** Cuts a state from a far future to an exhausted one. */
  heal(now: bigint): void;
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** The virtual scheduling algorithm; the arrival time is in 1/limit microseconds, in which a unit takes one period. */
class TokenBucketCount implements ReferenceCount {
  readonly #options: CountOptions;
  readonly #span: bigint;
  #arrival = 0n;

  constructor(options: CountOptions) {
    this.#options = options;
    this.#span = options.burst * options.period;
  }

  fits(now: bigint, cost: bigint): boolean {
    const start = now * this.#options.limit;
    const arrival = max(this.#arrival, start) + cost * this.#options.period;
    return arrival <= start + this.#span;
  }

  take(now: bigint, cost: bigint): void {
    const start = now * this.#options.limit;
    const arrival = max(this.#arrival, start) + cost * this.#options.period;
    this.#arrival = min(arrival, start + 2n * this.#span);
  }

  giveBack(now: bigint, amount: bigint): void {
    const start = now * this.#options.limit;
    if (this.#arrival > start)
      this.#arrival = max(start, this.#arrival - amount * this.#options.period);
  }

  heal(now: bigint): void {
    const start = now * this.#options.limit;
    if (this.#arrival > start + 2n * this.#span)
      this.#arrival = start + this.#span;
  }
}

/** One window, used from its first take on; what is above the limit is used of the next. */
class FixedWindowCount implements ReferenceCount {
  readonly #limit: bigint;
  readonly #period: bigint;
  readonly #utc: boolean;
  #window = { end: 0n, used: 0n };

  constructor({ limit, period }: CountOptions, utc: boolean) {
    this.#limit = limit;
    this.#period = period;
    this.#utc = utc;
  }

  fits(now: bigint, cost: bigint): boolean {
    return this.#at(now).used + cost <= this.#limit;
  }

  take(now: bigint, cost: bigint): void {
    const { end, used } = this.#at(now);
    this.#window = { end, used: min(2n * this.#limit, used + cost) };
  }

  giveBack(now: bigint, amount: bigint): void {
    const { end, used } = this.#at(now);
    if (used > amount) this.#window = { end, used: used - amount };
    // Rested now, and not before.
    else if (used > 0n) this.#window = { end: now, used: this.#limit };
  }

  heal(now: bigint): void {
    if (this.#window.end > now + 2n * this.#period)
      this.#window = { end: this.#endOfNew(now), used: this.#limit };
  }

  #at(now: bigint): { readonly end: bigint; readonly used: bigint } {
    const { end, used } = this.#window;
    if (now < end) return this.#window;
    const next = { end: end + this.#period, used: used - this.#limit };
    if (now < next.end && next.used > 0n) return next;
    return { end: this.#endOfNew(now), used: 0n };
  }

  #endOfNew(now: bigint): bigint {
    return this.#utc
      ? (now / this.#period + 1n) * this.#period
      : now + this.#period;
  }
}

/** A count for each window there ever was. */
class SlidingWindowCount implements ReferenceCount {
  readonly #limit: bigint;
  readonly #period: bigint;
  readonly #counts = new Map<bigint, bigint>();
  #latest = 0n;

  constructor({ limit, period }: CountOptions) {
    this.#limit = limit;
    this.#period = period;
  }

  fits(now: bigint, cost: bigint): boolean {
    return (
      this.#estimate(now) + cost * this.#period <= this.#limit * this.#period
    );
  }

  take(now: bigint, cost: bigint): void {
    const free = 2n * this.#limit * this.#period - this.#estimate(now);
    this.#add(this.#windowAt(now), min(cost, max(0n, free / this.#period)));
  }

  giveBack(now: bigint, amount: bigint): void {
    const window = this.#windowAt(now);
    const current = min(amount, this.#count(window));
    const previous = min(amount - current, this.#count(window - 1n));
    this.#add(window, -current);
    this.#add(window - 1n, -previous);
    // Rested now, and not before.
    if (this.#count(window) + this.#count(window - 1n) === 0n)
      this.#set(now / this.#period - 2n, this.#limit);
  }

  heal(now: bigint): void {
    if (this.#latest * this.#period <= now + this.#period) return;
    this.#set(now / this.#period, this.#limit);
  }

  /** Units times period. */
  #estimate(now: bigint): bigint {
    const window = this.#windowAt(now);
    const elapsed = max(0n, now - window * this.#period);
    return (
      this.#count(window - 1n) * (this.#period - elapsed) +
      this.#count(window) * this.#period
    );
  }

  /** A clock that has gone back counts as at the begin of the latest window used. */
  #windowAt(now: bigint): bigint {
    return max(this.#latest, now / this.#period);
  }

  #count(window: bigint): bigint {
    return this.#counts.get(window) ?? 0n;
  }

  #set(window: bigint, cost: bigint): void {
    this.#counts.clear();
    this.#latest = window;
    this.#counts.set(window, cost);
  }

  #add(window: bigint, cost: bigint): void {
    this.#latest = max(this.#latest, window);
    this.#counts.set(window, this.#count(window) + cost);
  }
}

/** The time of each unit taken, in order. */
class SlidingLogCount implements ReferenceCount {
  readonly #limit: bigint;
  readonly #period: bigint;
  #times: bigint[] = [];

  constructor({ limit, period }: CountOptions) {
    this.#limit = limit;
    this.#period = period;
    this.#fill(-period);
  }

  fits(now: bigint, cost: bigint): boolean {
    return this.#counted(now) + cost <= this.#limit;
  }

  take(now: bigint, cost: bigint): void {
    const latest = max(now, this.#times.at(-1) ?? now);
    this.#times = this.#times.filter((time) => time > now - this.#period);
    for (let unit = 0n; unit < cost; unit++) {
      if (this.#times.length >= 2n * this.#limit) return;
      // When it would have been allowed: in order, and when it is no more than the limit in one period.
      const replaced = this.#times.at(-Number(this.#limit)) ?? -this.#period;
      this.#times.push(max(latest, replaced + this.#period));
    }
  }

  giveBack(now: bigint, amount: bigint): void {
    const left = BigInt(this.#times.length) - amount;
    if (left > 0n) this.#times.length = Number(left);
    // Rested now, and not before.
    else this.#fill(now - this.#period);
  }

  heal(now: bigint): void {
    const latest = this.#times.at(-1) ?? now;
    if (latest > now + 2n * this.#period) this.#fill(now);
  }

  #fill(time: bigint): void {
    this.#times = Array.from({ length: Number(this.#limit) }, () => time);
  }

  #counted(now: bigint): bigint {
    const counted = this.#times.filter((time) => time > now - this.#period);
    return BigInt(counted.length);
  }
}

/** The algorithms by name; `utc-window` is a fixed window with `align: 'utc'`. */
export type ReferenceKind =
  | "token-bucket"
  | "fixed-window"
  | "utc-window"
  | "sliding-window"
  | "sliding-log";

/** A count of nothing yet. */
export const referenceCount = (
  kind: ReferenceKind,
  options: CountOptions,
): ReferenceCount => {
  switch (kind) {
    case "token-bucket":
      return new TokenBucketCount(options);
    case "fixed-window":
    case "utc-window":
      return new FixedWindowCount(options, kind === "utc-window");
    case "sliding-window":
      return new SlidingWindowCount(options);
    case "sliding-log":
      return new SlidingLogCount(options);
  }
};
