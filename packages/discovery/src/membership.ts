import type { Clock } from "@dp/core";
import { CheckGate } from "./health/check-gate.ts";
import { Prober } from "./health/prober.ts";
import type { Instance } from "./instance.ts";
import { Member } from "./member.ts";
import type { ResolvedDiscoverOptions } from "./options.ts";
import type { CacheListener } from "./service-cache.ts";
import type { Change } from "./watch-event.ts";

/** What happened to the membership; cheap, as the view works out the consequences when it next picks. */
export interface MembershipListener {
  changed(): void;
  checked(passed: boolean): void;
}

/**
 * The members of one view: follows the cache, runs the health checks, and keeps what a suspicious snapshot lacks for
 * its grace.
 */
export class Membership<M> implements CacheListener<M> {
  readonly #options: ResolvedDiscoverOptions<M>;
  readonly #clock: Clock;
  readonly #listener: MembershipListener;
  readonly #members = new Map<string, Member<M>>();
  readonly #gate = new CheckGate();
  #synced = false;

  constructor(
    options: ResolvedDiscoverOptions<M>,
    listener: MembershipListener,
  ) {
    this.#options = options;
    this.#clock = options.clock;
    this.#listener = listener;
  }

  /** All members, those included whose grace is not over. */
  get all(): Iterable<Member<M>> {
    return this.#members.values();
  }

  sync(instances: ReadonlyMap<string, Instance<M>>, sure: boolean): void {
    const missing: Member<M>[] = [];
    let confirmed = 0;
    for (const member of this.#members.values()) {
      if (member.unconfirmedUntilMs !== Infinity) continue;
      confirmed++;
      if (!instances.has(member.id)) missing.push(member);
    }
    const untilMs = this.#clock.now() + this.#options.holdGraceMs;
    const doubtful =
      this.#synced &&
      !sure &&
      missing.length > this.#options.holdShare * confirmed;
    for (const member of missing) {
      if (doubtful) member.unconfirmedUntilMs = untilMs;
      else this.#remove(member);
    }
    for (const instance of instances.values()) this.#put(instance);
    this.#synced = true;
    this.#listener.changed();
  }

  change(changes: readonly Change<M>[]): void {
    for (const change of changes) {
      if (change.op === "put") this.#put(change.instance);
      else {
        const member = this.#members.get(change.id);
        if (member !== undefined) this.#remove(member);
      }
    }
    this.#listener.changed();
  }

  /** Lets those go whose grace is over. */
  release(nowMs: number): void {
    for (const member of [...this.#members.values()])
      if (member.unconfirmedUntilMs <= nowMs) this.#remove(member);
  }

  /** Stops every check; no timer is left. */
  close(): void {
    this.#gate.close();
    for (const member of [...this.#members.values()]) this.#remove(member);
  }

  #put(instance: Instance<M>): void {
    const held = this.#members.get(instance.id);
    // One whose grace is over may not have been released yet; it is gone all the same.
    const here = (held?.unconfirmedUntilMs ?? 0) > this.#clock.now();
    if (held?.isAt(instance) === true && here) {
      held.instance = instance;
      held.unconfirmedUntilMs = Infinity;
      return;
    }
    if (held !== undefined) this.#remove(held);
    const member = new Member(instance, this.#options.outlier?.account());
    this.#members.set(instance.id, member);
    const { health, clock, random } = this.#options;
    if (health === undefined) return;
    const context = { clock, random, gate: this.#gate };
    member.prober = new Prober(health, () => member.instance, context, {
      result: (passed) => this.#listener.checked(passed),
      verdict: (healthy) => {
        member.healthy = healthy;
        this.#listener.changed();
      },
    });
  }

  #remove(member: Member<M>): void {
    member.present = false;
    member.prober?.stop();
    this.#members.delete(member.id);
  }
}
