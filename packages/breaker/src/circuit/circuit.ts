import type { Clock } from "@dp/core";
import type {
  BreakerInspection,
  BreakerSnapshot,
  CircuitState,
} from "../circuit-state.ts";
import { Evidence } from "./evidence.ts";
import type { Hint } from "../hints/hint-channel.ts";
import { inspectionOf } from "./inspection.ts";
import { IssuedPermit, type PermitOwner } from "./issued-permit.ts";
import { Lifecycle, type OnTransition, type Refusal } from "./lifecycle.ts";
import type { BreakerSettings } from "../options.ts";
import { closed } from "./phase.ts";
import type { PolicySettings } from "../policy.ts";
import type { Probes } from "./probes.ts";
import * as reasons from "./reasons.ts";
import { snapshotOf } from "./snapshot.ts";
import { Timing } from "../timing.ts";

/**
 * The mechanism of a circuit breaker: who is let through, and what the results do. Synchronous, without timers or
 * promises.
 */
export class Circuit implements PermitOwner {
  /** Calls by what became of them: plain numbers for the metrics. */
  readonly tally = { success: 0, failure: 0, ignore: 0, late: 0, refused: 0 };

  readonly #timing: Timing;
  readonly #evidence: Evidence;
  readonly #lifecycle: Lifecycle;
  readonly #followsHints: boolean;

  constructor(settings: BreakerSettings, onTransition: OnTransition) {
    this.#timing = new Timing(settings);
    this.#evidence = new Evidence(settings.trip, settings.hints?.quorum);
    this.#evidence.forget(this.clock.now());
    this.#followsHints = settings.hints !== undefined;
    this.#lifecycle = new Lifecycle(
      settings,
      this.#timing,
      this.#evidence,
      onTransition,
    );
  }

  get state(): CircuitState {
    const lifecycle = this.#lifecycle;
    if (!lifecycle.passes) lifecycle.catchUp(this.clock.now());
    return lifecycle.state;
  }

  get clock(): Clock {
    return this.#timing.clock;
  }

  /** Takes what nobody has set yet, as long as nothing has been timed by another clock. */
  adopt(settings: PolicySettings): void {
    const { success, failure, ignore } = this.tally;
    if (this.#lifecycle.generation + success + failure + ignore > 0) return;
    this.#timing.adopt(settings);
    this.#evidence.forget(this.clock.now());
  }

  /**
   * Leave for one call without a permit, while every call just passes and nobody asks how long it takes: hand what is
   * returned to {@link Circuit.succeed}, or to {@link Circuit.permitOf} for any other result. Undefined: ask `admit`.
   */
  pass(): number | undefined {
    const lifecycle = this.#lifecycle;
    return lifecycle.passes && !this.#evidence.readsElapsed
      ? lifecycle.generation
      : undefined;
  }

  /** The call has succeeded. */
  succeed(generation: number): void {
    const lifecycle = this.#lifecycle;
    if (!lifecycle.passes || generation !== lifecycle.generation) {
      this.permitOf(generation).success();
      return;
    }
    this.tally.success++;
    if (this.#evidence.succeed(this.clock, 0))
      lifecycle.trip(this.clock.now(), undefined);
  }

  /** What `admit` would have given for the call. */
  permitOf(generation: number): IssuedPermit {
    return new IssuedPermit(this, generation, 0);
  }

  /** Leave for one call, or undefined if the circuit refuses it. */
  admit(): IssuedPermit | undefined {
    const lifecycle = this.#lifecycle;
    if (lifecycle.passes)
      return new IssuedPermit(
        this,
        lifecycle.generation,
        this.#evidence.readsElapsed ? this.clock.now() : 0,
      );
    const now = this.clock.now();
    lifecycle.catchUp(now);
    if (!lifecycle.admits(now)) {
      this.tally.refused++;
      return undefined;
    }
    // A listener told of the change may have closed the circuit or taken a probe itself.
    const phase = lifecycle.phase;
    const permit = new IssuedPermit(this, lifecycle.generation, now);
    if (phase.state === "half-open") phase.add(permit);
    else permit.flight = this.#evidence.window.flights?.begin(now);
    return permit;
  }

  settle(
    permit: IssuedPermit,
    verdict: "success" | "failure" | "ignore",
    error: unknown,
  ): void {
    const lifecycle = this.#lifecycle;
    if (!lifecycle.passes) lifecycle.catchUp(this.clock.now());
    if (permit.generation !== lifecycle.generation) {
      this.tally.late++;
      return;
    }
    this.tally[verdict]++;
    if (lifecycle.phase.state === "half-open") {
      this.#settleProbe(lifecycle.phase, permit, verdict, error);
      return;
    }
    const evidence = this.#evidence;
    if (evidence.watches) evidence.window.flights?.end(permit.flight);
    if (verdict === "ignore") return;
    const { clock } = this;
    const trips =
      verdict === "success"
        ? evidence.succeed(clock, permit.issuedAtMs)
        : evidence.fail(clock, permit.issuedAtMs);
    if (trips) lifecycle.trip(clock.now(), error);
    else if (verdict === "failure" && this.#followsHints)
      this.#followQuorum(clock.now());
  }

  #settleProbe(
    probes: Probes,
    permit: IssuedPermit,
    verdict: "success" | "failure" | "ignore",
    error: unknown,
  ): void {
    const lifecycle = this.#lifecycle;
    const now = this.clock.now();
    const elapsedMs = now - permit.issuedAtMs;
    const isSlow =
      verdict === "success" &&
      this.#evidence.window.isSlow?.(elapsedMs) === true;
    const decided = probes.settle(permit, isSlow ? "failure" : verdict);
    if (decided === "passed") lifecycle.recover(now, probes.needed);
    else if (decided === "failed")
      lifecycle.open(now, (openForMs) =>
        isSlow
          ? reasons.probeSlow(openForMs, elapsedMs)
          : reasons.probeFailed(openForMs, error),
      );
  }

  /** What others say about the service. Only a circuit that knows nothing better goes by it. */
  hear(hint: Hint): void {
    const lifecycle = this.#lifecycle;
    const now = this.clock.now();
    this.#evidence.hear(hint, now);
    lifecycle.catchUp(now);
    this.#followQuorum(now);
  }

  #followQuorum(now: number): void {
    const lifecycle = this.#lifecycle;
    if (lifecycle.phase !== closed || lifecycle.isIsolated) return;
    const quorum = this.#evidence.quorum(now);
    if (quorum !== undefined)
      lifecycle.open(now, (openForMs) =>
        reasons.hinted(quorum.counts, quorum.others, openForMs),
      );
  }

  /** Refuses everything until the function returned is called. */
  isolate(reason: string): () => void {
    return this.#lifecycle.isolate(reason);
  }

  /** Closes what is under the isolations, if any, and forgets all results. Returns when that was. */
  reset(): number {
    return this.#lifecycle.reset();
  }

  /** What a call is told that is refused now. */
  refusal(): Refusal {
    return this.#lifecycle.refusal(this.clock.now());
  }

  inspect(): BreakerInspection {
    return inspectionOf(this.#lifecycle.upToDate());
  }

  snapshot(): BreakerSnapshot {
    return snapshotOf(this.#lifecycle.upToDate(), this.clock.wallNow());
  }

  restore(snapshot: BreakerSnapshot): void {
    this.#lifecycle.restore(snapshot);
  }
}
