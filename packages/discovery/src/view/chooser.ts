import type { Clock } from "@dp/core";
import type { PickRequest, Report } from "../balancers/balancer.ts";
import { choose, type Choice, type ChoiceRules } from "./choice.ts";
import type { ClosedError } from "../errors.ts";
import type { Member } from "./member.ts";
import type { Membership } from "./membership.ts";
import type { OutlierSweep } from "./outlier-sweep.ts";
import type { TierBalancers } from "./tier-balancers.ts";

/** After working out the candidates, so many times as long is spent on other things before it is done again. */
const restPerWork = 9;
/** No longer, however long it took: the process may have been stopped meanwhile. */
const longestRestMs = 2000;
/** What takes less is done at every change, but not for a crowd: there it adds up. */
const cheapMs = 2;
const crowd = 1000;

const undone: Report = { outcome: "cancelled" };

/**
 * The candidates as of now, worked out when they are needed and something happened since, so a storm of changes costs
 * one rebuild at the next pick. Of a thousand members and more, and where rebuilds take two milliseconds as with tables,
 * the registry's changes and good health wait until the last one took a tenth of the time since it began, or two
 * seconds: newcomers, weights and those who recovered may be late by that; members that left or drain are never picked,
 * and bad health and ejections count at once. Of two in a row the cheaper one counts: one may have been held up.
 */
export class Chooser<M> {
  readonly #membership: Membership<M>;
  readonly #balancers: TierBalancers<M>;
  readonly #rules: ChoiceRules;
  readonly #sweep: OutlierSweep;
  readonly #clock: Clock;
  readonly #closed: () => ClosedError;
  #choice: Choice<M>;
  /** When the choice is out of date: Infinity while only an event can make it so, -Infinity when it must not be used. */
  #untilMs = -Infinity;
  /** Something happened that the choice does not know of. */
  #behind = true;
  #restUntilMs = -Infinity;
  /** What the last rebuild took. */
  #tookMs = 0;
  #isClosed = false;

  constructor(
    membership: Membership<M>,
    sweep: OutlierSweep,
    balancers: TierBalancers<M>,
    rules: ChoiceRules & { readonly clock: Clock },
    closed: () => ClosedError,
  ) {
    this.#membership = membership;
    this.#sweep = sweep;
    this.#balancers = balancers;
    this.#rules = rules;
    this.#clock = rules.clock;
    this.#closed = closed;
    this.#choice = choose<M>([], rules, 0);
  }

  /** When what `now` gave may be out of date without an event. */
  get untilMs(): number {
    return this.#untilMs;
  }

  /** Undefined if nobody is left. Throws `ClosedError` after `close`. */
  pick(request?: PickRequest): Member<M> | undefined {
    if (this.#untilMs !== Infinity) this.#keepUp();
    const picked = this.#balancers.pick(request);
    if (picked === undefined || picked.retired)
      return this.#pickAgain(picked, request);
    return picked;
  }

  /** Something happened; with `soon` the choice may do for a moment, as long as nobody is picked who left. */
  changed(soon: boolean): void {
    this.#behind = true;
    this.#untilMs = soon
      ? Math.min(this.#untilMs, this.#restUntilMs)
      : -Infinity;
  }

  /** What is true now, nothing put off. */
  now(): Choice<M> {
    if (this.#untilMs === Infinity) return this.#choice;
    const nowMs = this.#clock.now();
    if (this.#behind || nowMs >= this.#untilMs) this.#update(nowMs);
    return this.#choice;
  }

  /** Like `now`; throws `ClosedError` after `close`. */
  open(): Choice<M> {
    if (this.#isClosed) throw this.#closed();
    return this.now();
  }

  /** Every pick from now on throws. */
  close(): void {
    this.#isClosed = true;
    this.changed(false);
  }

  #keepUp(): void {
    if (this.#isClosed) throw this.#closed();
    const nowMs = this.#clock.now();
    if (nowMs >= this.#untilMs) this.#update(nowMs);
  }

  #pickAgain(
    picked: Member<M> | undefined,
    request: PickRequest | undefined,
  ): Member<M> | undefined {
    if (!this.#behind) return picked;
    picked?.balancer?.settle(picked as Member<never>, undone);
    this.#update(this.#clock.now());
    return this.#balancers.pick(request);
  }

  #update(nowMs: number): void {
    this.#membership.release(nowMs);
    const swept = this.#sweep.run(this.#membership.all, nowMs);
    if (swept || this.#behind || nowMs >= this.#choice.untilMs)
      this.#rebuild(nowMs);
    // A closed view never settles on a choice, so that every pick gets to hear of it.
    this.#untilMs = this.#isClosed
      ? -Infinity
      : Math.min(this.#choice.untilMs, this.#sweep.dueMs);
  }

  #rebuild(nowMs: number): void {
    this.#choice = choose(this.#membership.all, this.#rules, nowMs);
    this.#balancers.update(this.#choice.tiers);
    this.#behind = false;
    const doneMs = this.#clock.now();
    const tookMs = doneMs - nowMs;
    const costMs = Math.min(tookMs, this.#tookMs);
    this.#tookMs = tookMs;
    const isCheap = costMs < cheapMs && this.#membership.size < crowd;
    const restMs = isCheap ? 0 : restPerWork * costMs;
    this.#restUntilMs = doneMs + Math.min(restMs, longestRestMs);
  }
}
