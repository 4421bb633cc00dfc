import { recentMs, type Clock, type MetricFamily } from "@dp/core";
import type {
  Balancer,
  Candidate,
  PickRequest,
  Report,
} from "../balancers/balancer.ts";
import { Chooser } from "./chooser.ts";
import { ClosedError, NoInstanceError } from "../errors.ts";
import { explainPick } from "./explanation.ts";
import { ViewLease, type LeaseOwner } from "./lease.ts";
import type { Member } from "./member.ts";
import { Membership } from "./membership.ts";
import { requireMinimum, type ResolvedDiscoverOptions } from "../options.ts";
import { OutlierSweep } from "./outlier-sweep.ts";
import type { OutlierAccount } from "../outlier/detection.ts";
import { refusalOf, refusalText } from "./refusal.ts";
import type { ServiceCache } from "./service-cache.ts";
import type {
  Lease,
  PickExplanation,
  ServiceView,
  ViewSnapshot,
} from "./service-view.ts";
import type { TierBalancers } from "./tier-balancers.ts";
import { ViewCounts, viewMetrics } from "./view-counts.ts";
import { ViewKnowledge } from "./view-knowledge.ts";
import { Waiters } from "./waiters.ts";

/** Puts membership, health, ejection and balancers together, and counts. */
export class View<M> implements ServiceView<M>, LeaseOwner<M> {
  readonly service: string;
  readonly #cache: ServiceCache<M>;
  readonly #options: ResolvedDiscoverOptions<M>;
  readonly #clock: Clock;
  readonly #released: () => void;
  readonly #membership: Membership<M>;
  readonly #knowledge: ViewKnowledge<M>;
  readonly #sweep: OutlierSweep;
  readonly #chooser: Chooser<M>;
  readonly #leave: () => void;
  readonly #counts = new ViewCounts();
  readonly #waiters = new Waiters();
  #closing: Promise<void> | undefined;

  /** `released` is called once, on disposal. */
  constructor(
    service: string,
    cache: ServiceCache<M>,
    balancers: TierBalancers<M>,
    options: ResolvedDiscoverOptions<M>,
    released: () => void,
  ) {
    this.service = service;
    this.#cache = cache;
    this.#options = options;
    this.#clock = options.clock;
    this.#released = released;
    this.#membership = new Membership(options, {
      changed: (soon) => this.#changed(soon),
      listed: () => this.#knowledge.changed(),
      checked: (passed) => {
        if (passed) this.#counts.checksPassed++;
        else this.#counts.checksFailed++;
      },
    });
    this.#sweep = new OutlierSweep(
      options.outlier,
      this.#clock.now(),
      (count) => (this.#counts.ejections += count),
    );
    this.#chooser = new Chooser(
      this.#membership,
      this.#sweep,
      balancers,
      options,
      () => this.#closedError(),
    );
    this.#knowledge = new ViewKnowledge(
      service,
      cache,
      this.#membership,
      this.#counts,
      options,
    );
    this.#leave = cache.join(this.#membership);
  }

  pick(request?: PickRequest): Lease<M> {
    const member = this.#chooser.pick(request);
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
    while (this.#chooser.open().standings.ready < minimum)
      await this.#waiters.wait(
        this.#clock,
        this.#chooser.untilMs,
        options.signal,
      );
  }

  async refresh(): Promise<void> {
    if (this.#closing !== undefined) throw this.#closedError();
    await this.#cache.refresh();
  }

  get snapshot(): ViewSnapshot<M> {
    const { panic } = this.#chooser.now();
    const { revision, ageMs, stale } = this.#knowledge;
    const members = [...this.#membership.all];
    return {
      revision,
      ageMs,
      stale,
      panic,
      instances: members.map((member) => member.instance),
      unconfirmed: new Set(
        members.filter(({ confirmed }) => !confirmed).map(({ id }) => id),
      ),
    };
  }

  explain(request?: PickRequest): PickExplanation {
    return explainPick(
      this.service,
      this.#membership.all,
      this.#chooser.now(),
      this.#knowledge,
      this.#clock.now(),
      request,
    );
  }

  metrics(): MetricFamily[] {
    const { standings, tiers, slowStarting, panic } = this.#chooser.now();
    const { revision, ageMs, stale } = this.#knowledge;
    let unconfirmed = 0;
    for (const { confirmed } of this.#membership.all)
      if (!confirmed) unconfirmed++;
    const { name } = this.#options;
    const labels = {
      service: this.service,
      ...(name !== undefined && { view: name }),
    };
    return viewMetrics(labels, this.#counts, {
      standings,
      tiers,
      slowStarting,
      unconfirmed,
      panic,
      stale,
      ageMs,
      revision,
    });
  }

  settle(
    member: Member<M>,
    balancer: Balancer | undefined,
    report: Report,
  ): void {
    member.inFlight--;
    this.#counts.settle(report.outcome);
    balancer?.settle(member as unknown as Candidate, report);
    const { outlier } = member;
    if (outlier === undefined || !member.present) return;
    if (report.outcome === "cancelled") return;
    const nowMs = recentMs(this.#clock);
    // What is reported after the end of an interval belongs to the next.
    if (nowMs >= this.#sweep.dueMs) this.#chooser.now();
    if (report.outcome === "success") outlier.success(nowMs);
    else if (outlier.failure(nowMs)) this.#eject(member, outlier);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #close(): Promise<void> {
    this.#leave();
    const closing = this.#knowledge.close();
    this.#membership.close();
    this.#chooser.close();
    this.#waiters.wake();
    this.#released();
    return closing;
  }

  #eject(member: Member<M>, outlier: OutlierAccount): void {
    const { ejected, serving } = this.#chooser.now();
    const detection = this.#options.outlier;
    if (member.retired || member.share === 0) return;
    if (detection?.mayEject(ejected, serving) !== true) return;
    outlier.eject(this.#clock.now());
    this.#counts.ejections++;
    this.#changed(false);
  }

  #changed(soon: boolean): void {
    this.#chooser.changed(soon);
    this.#waiters.wake();
  }

  #refuse(request: PickRequest | undefined): NoInstanceError {
    const { known, ageMs } = this.#knowledge;
    const choice = this.#chooser.now();
    // A balancer may find nobody for reasons of its own among candidates nobody excluded.
    const reason = refusalOf(known, choice, request?.exclude) ?? "excluded";
    this.#counts.refused[reason]++;
    return new NoInstanceError(
      this.service,
      reason,
      refusalText(reason, choice),
      known ? ageMs : undefined,
    );
  }

  #closedError(): ClosedError {
    return new ClosedError(`the view of ${this.service}`);
  }
}
