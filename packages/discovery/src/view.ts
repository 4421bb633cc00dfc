import { recentMs, type Clock, type MetricFamily } from "@dp/core";
import type {
  Balancer,
  Candidate,
  PickRequest,
  Report,
} from "./balancers/balancer.ts";
import { ClosedError, NoInstanceError } from "./errors.ts";
import { explainPick, refusalOf, refusalText } from "./explanation.ts";
import { ViewLease, type LeaseOwner } from "./lease.ts";
import type { Member } from "./member.ts";
import { Membership } from "./membership.ts";
import { requireMinimum, type ResolvedDiscoverOptions } from "./options.ts";
import { OutlierSweep } from "./outlier-sweep.ts";
import type { OutlierAccount } from "./outlier/detection.ts";
import { chooseCandidates, type Choice } from "./panic.ts";
import type { ServiceCache } from "./service-cache.ts";
import type {
  Lease,
  PickExplanation,
  ServiceView,
  ViewSnapshot,
} from "./service-view.ts";
import { ViewCounts, viewMetrics } from "./view-counts.ts";
import { Waiters } from "./waiters.ts";

/**
 * Puts membership, health, ejection and balancer together. The candidates are worked out when they are needed and
 * something happened since, so a storm of changes costs one rebuild at the next pick.
 */
export class View<M> implements ServiceView<M>, LeaseOwner<M> {
  readonly service: string;
  readonly #cache: ServiceCache<M>;
  readonly #balancer: Balancer;
  readonly #options: ResolvedDiscoverOptions<M>;
  readonly #clock: Clock;
  readonly #released: () => void;
  readonly #membership: Membership<M>;
  readonly #leave: () => void;
  readonly #counts = new ViewCounts();
  readonly #waiters = new Waiters();
  readonly #sweep: OutlierSweep;
  #choice: Choice<M>;
  /**
   * When the choice is out of date or the next sweep is due: Infinity while only an event can make it so, -Infinity
   * when one has.
   */
  #untilMs = -Infinity;
  #closed = false;

  /** `released` is called once, on disposal. */
  constructor(
    service: string,
    cache: ServiceCache<M>,
    balancer: Balancer,
    options: ResolvedDiscoverOptions<M>,
    released: () => void,
  ) {
    this.service = service;
    this.#cache = cache;
    this.#balancer = balancer;
    this.#options = options;
    this.#clock = options.clock;
    this.#released = released;
    this.#choice = chooseCandidates<M>([], 0, 0);
    this.#sweep = new OutlierSweep(options.outlier, options.clock.now());
    this.#membership = new Membership(options, {
      changed: () => this.#changed(),
      checked: (passed) => {
        if (passed) this.#counts.checksPassed++;
        else this.#counts.checksFailed++;
      },
    });
    this.#leave = cache.join(this.#membership);
  }

  pick(request?: PickRequest): Lease<M> {
    if (this.#untilMs !== Infinity) this.#current();
    // The port promises one of the objects of the last update, and these were members.
    const member = this.#balancer.pick(request) as unknown as
      Member<M> | undefined;
    if (member === undefined) throw this.#refuse(request);
    member.inFlight++;
    this.#counts.picks++;
    return new ViewLease(this, member);
  }

  async use<T>(
    run: (lease: Lease<M>) => PromiseLike<T> | T,
    request?: PickRequest,
  ): Promise<T> {
    const lease = this.pick(request);
    const startedMs = this.#clock.now();
    try {
      const value = await run(lease);
      lease.success(this.#clock.now() - startedMs);
      return value;
    } catch (error) {
      const aborted = error instanceof Error && error.name === "AbortError";
      if (aborted) lease[Symbol.dispose]();
      else lease.failure(error);
      throw error;
    }
  }

  async ready(
    options: {
      minimum?: number | undefined;
      signal?: AbortSignal | undefined;
    } = {},
  ): Promise<void> {
    const minimum = requireMinimum(options.minimum);
    options.signal?.throwIfAborted();
    while (this.#current().standings.ready < minimum)
      await this.#waiters.wait(this.#clock, this.#untilMs, options.signal);
  }

  async refresh(): Promise<void> {
    if (this.#closed) throw this.#closedError();
    await this.#cache.refresh();
  }

  get snapshot(): ViewSnapshot<M> {
    const { panic } = this.#choiceNow();
    const members = [...this.#membership.all];
    return {
      revision: this.#cache.revision,
      ageMs: this.#ageMs(),
      stale: this.#cache.lostMs !== undefined,
      panic,
      instances: members.map((member) => member.instance),
      unconfirmed: new Set(
        members
          .filter((member) => member.unconfirmedUntilMs !== Infinity)
          .map((member) => member.id),
      ),
    };
  }

  explain(request?: PickRequest): PickExplanation {
    const choice = this.#choiceNow();
    return explainPick(
      this.service,
      this.#membership.all,
      choice,
      {
        known: this.#cache.known,
        stale: this.#cache.lostMs !== undefined,
        ageMs: this.#ageMs(),
        nowMs: this.#clock.now(),
      },
      request,
    );
  }

  metrics(): MetricFamily[] {
    const { standings, panic } = this.#choiceNow();
    return viewMetrics(this.service, this.#counts, {
      standings,
      panic,
      stale: this.#cache.lostMs !== undefined,
      ageMs: this.#ageMs(),
    });
  }

  settle(member: Member<M>, report: Report): void {
    member.inFlight--;
    this.#counts.settled[report.outcome]++;
    this.#balancer.settle(member as unknown as Candidate, report);
    const { outlier } = member;
    if (outlier === undefined || !member.present) return;
    if (report.outcome === "cancelled") return;
    const nowMs = recentMs(this.#clock);
    // What is reported after the end of an interval belongs to the next.
    if (nowMs >= this.#sweep.dueMs) this.#choiceNow();
    if (report.outcome === "success") outlier.success(nowMs);
    else if (outlier.failure(nowMs)) this.#eject(member, outlier);
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#leave();
      this.#membership.close();
      this.#changed();
      this.#released();
    }
    return Promise.resolve();
  }

  #eject(member: Member<M>, outlier: OutlierAccount): void {
    const { ejected, serving } = this.#choiceNow();
    const detection = this.#options.outlier;
    if (member.instance.state === "draining") return;
    if (detection?.mayEject(ejected, serving) !== true) return;
    outlier.eject(this.#clock.now());
    this.#counts.ejections++;
    this.#changed();
  }

  #changed(): void {
    this.#untilMs = -Infinity;
    this.#waiters.wake();
  }

  #current(): Choice<M> {
    if (this.#closed) throw this.#closedError();
    return this.#choiceNow();
  }

  #choiceNow(): Choice<M> {
    if (this.#untilMs === Infinity) return this.#choice;
    const nowMs = this.#clock.now();
    if (nowMs < this.#untilMs) return this.#choice;
    this.#membership.release(nowMs);
    const swept = this.#sweep.run(this.#membership.all, nowMs);
    this.#counts.ejections += swept;
    const current = this.#untilMs !== -Infinity && nowMs < this.#choice.untilMs;
    if (swept === 0 && current) {
      this.#untilMs = Math.min(this.#choice.untilMs, this.#sweep.dueMs);
      return this.#choice;
    }
    this.#choice = chooseCandidates(
      this.#membership.all,
      this.#options.panicThreshold,
      nowMs,
    );
    this.#balancer.update(
      this.#choice.candidates as unknown as readonly Candidate[],
    );
    // A closed view never settles on a choice, so that every pick gets to hear of it.
    this.#untilMs = this.#closed
      ? -Infinity
      : Math.min(this.#choice.untilMs, this.#sweep.dueMs);
    return this.#choice;
  }

  #ageMs(): number {
    const { lostMs } = this.#cache;
    return lostMs === undefined ? 0 : Math.max(0, this.#clock.now() - lostMs);
  }

  #refuse(request: PickRequest | undefined): NoInstanceError {
    const { known } = this.#cache;
    const choice = this.#choice;
    // A balancer may find nobody for reasons of its own among candidates nobody excluded.
    const reason = refusalOf(known, choice, request?.exclude) ?? "excluded";
    this.#counts.refused[reason]++;
    return new NoInstanceError(
      this.service,
      reason,
      refusalText(reason, choice),
      known ? this.#ageMs() : undefined,
    );
  }

  #closedError(): ClosedError {
    return new ClosedError(`the view of ${this.service}`);
  }
}
