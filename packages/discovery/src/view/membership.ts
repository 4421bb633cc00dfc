import type { Clock } from "@dp/core";
import { CheckGate } from "../health/check-gate.ts";
import { Prober } from "../health/prober.ts";
import type { Instance } from "../instance.ts";
import { Member } from "./member.ts";
import type { ResolvedDiscoverOptions } from "../options.ts";
import { Selection } from "./selection.ts";
import type { CacheListener } from "./service-cache.ts";
import type { Change } from "../watch-event.ts";

/** What happened to the membership; cheap, as the view works out the consequences when it next picks. */
export interface MembershipListener {
  /** `soon`: by live changes or good health, so whoever must not be picked any more is `retired` already. */
  changed(soon: boolean): void;
  /** The list is another one, apart from what is only health. */
  listed(): void;
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
  readonly #selection: Selection<M> | undefined;
  readonly #gate = new CheckGate();
  /** The registry has told what there is. */
  #synced = false;

  constructor(
    options: ResolvedDiscoverOptions<M>,
    listener: MembershipListener,
  ) {
    this.#options = options;
    this.#clock = options.clock;
    this.#listener = listener;
    this.#selection =
      options.subset === undefined ? undefined : new Selection(options.subset);
  }

  /** All members, those included whose grace is not over. */
  get all(): Iterable<Member<M>> {
    return this.#members.values();
  }

  get size(): number {
    return this.#members.size;
  }

  /** What an earlier process knew, unconfirmed; of no interest once the registry has spoken. */
  recall(instances: readonly Instance<M>[]): void {
    if (this.#synced) return;
    for (const instance of instances) this.#put(instance, false);
    this.#done(false);
  }

  sync(instances: ReadonlyMap<string, Instance<M>>, sure: boolean): void {
    const missing: Member<M>[] = [];
    let known = 0;
    for (const member of this.#members.values()) {
      // Under its grace already, which does not begin again.
      if (member.goesAtMs !== Infinity) continue;
      known++;
      if (!instances.has(member.id)) missing.push(member);
    }
    const untilMs = this.#clock.now() + this.#options.holdGraceMs;
    const doubtful = !sure && missing.length > this.#options.holdShare * known;
    for (const member of missing) {
      if (doubtful) {
        member.confirmed = false;
        member.goesAtMs = untilMs;
      } else this.#remove(member);
    }
    for (const instance of instances.values()) this.#put(instance, true);
    this.#synced = true;
    this.#done(false);
  }

  change(changes: readonly Change<M>[]): void {
    for (const change of changes) {
      if (change.op === "put") this.#put(change.instance, true);
      else {
        const member = this.#members.get(change.id);
        if (member !== undefined) this.#remove(member);
      }
    }
    this.#done(true);
  }

  /** Lets those go whose grace is over. */
  release(nowMs: number): void {
    let released = false;
    for (const member of this.#members.values()) {
      if (member.goesAtMs > nowMs) continue;
      this.#remove(member);
      released = true;
    }
    if (!released) return;
    this.#select();
    this.#listener.listed();
  }

  /** Stops every check; no timer is left. */
  close(): void {
    this.#gate.close();
    for (const member of [...this.#members.values()]) this.#remove(member);
  }

  #done(soon: boolean): void {
    this.#select();
    this.#listener.listed();
    this.#listener.changed(soon);
  }

  #put(instance: Instance<M>, confirmed: boolean): void {
    const held = this.#members.get(instance.id);
    // One whose grace is over may not have been released yet; it is gone all the same.
    const here = (held?.goesAtMs ?? 0) > this.#clock.now();
    if (held?.isAt(instance) === true && here) {
      this.#update(held, instance);
      held.confirmed = true;
      held.goesAtMs = Infinity;
      return;
    }
    if (held !== undefined) this.#remove(held);
    const account = this.#options.outlier?.account();
    const member = new Member(instance, account, this.#synced);
    member.confirmed = confirmed;
    this.#members.set(instance.id, member);
    if (this.#selection === undefined) this.#take(member);
    else {
      member.share = 0;
      this.#selection.add(member);
    }
  }

  #update(member: Member<M>, instance: Instance<M>): void {
    const { priority, state } = member.instance;
    const moves = instance.priority !== priority || instance.state !== state;
    if (moves) this.#selection?.remove(member);
    member.instance = instance;
    member.retired = instance.state === "draining";
    if (moves) this.#selection?.add(member);
  }

  #remove(member: Member<M>): void {
    member.present = false;
    member.retired = true;
    this.#drop(member);
    this.#members.delete(member.id);
    this.#selection?.remove(member);
  }

  #select(): void {
    this.#selection?.decide((member) => {
      if (!member.present) return;
      if (member.share > 0) this.#take(member);
      else this.#drop(member);
    });
  }

  /** Puts a member to use. */
  #take(member: Member<M>): void {
    const { health, clock, random } = this.#options;
    if (health === undefined) {
      this.#ramp(member);
      return;
    }
    const context = { clock, random, gate: this.#gate };
    member.prober = new Prober(health, () => member.instance, context, {
      result: (passed) => this.#listener.checked(passed),
      verdict: (healthy) => {
        if (healthy && member.healthy === false) member.isNew = true;
        member.healthy = healthy;
        if (healthy) this.#ramp(member);
        // One more to pick from may wait for a moment; one that is sick may not.
        this.#listener.changed(healthy);
      },
    });
  }

  #drop(member: Member<M>): void {
    member.prober?.stop();
    member.prober = undefined;
    member.healthy = undefined;
  }

  #ramp(member: Member<M>): void {
    if (!member.isNew) return;
    member.isNew = false;
    member.rampFromMs = this.#clock.now();
  }
}
