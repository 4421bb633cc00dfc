import { createEmitter, DpError, type Clock, type Random } from "@dp/core";
import { ClosedError, SupersededError } from "../errors.ts";
import type { Instance, InstanceState } from "../instance.ts";
import { patchInstance } from "../instance-spec.ts";
import type {
  InstancePatch,
  Registration,
  RegistrationEvent,
  RegistrationStatus,
} from "../registration.ts";
import type { Announcement } from "./announcement.ts";
import { attempt } from "./attempt.ts";
import { Backoff } from "./backoff.ts";
import { asJsonCarriesIt } from "./instance-record.ts";
import { LeaseClock } from "./lease-clock.ts";
import { PendingWrites } from "./pending-writes.ts";
import { Sleeper } from "./sleeper.ts";

/** How long a write may take before its caller is told that it will happen later. */
const longestWriteMs = 30_000;

export interface RemoteRegistrationOptions<M> {
  readonly announcement: Announcement<M>;
  /** The first version of the instance. */
  readonly instance: Instance<M>;
  readonly ttlMs: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Throws `InvalidOptionError` for an instance that the registry cannot hold. @defaultValue holds any */
  readonly accept?: ((instance: Instance<M>) => void) | undefined;
  /** Called once, when this registration was closed or superseded. */
  readonly left: (registration: RemoteRegistration<M>) => void;
  /** Called with the reason of each failed exchange. */
  readonly failed: (error: Error) => void;
}

/**
 * Keeps one instance registered in a registry outside this process until closed. One loop makes one exchange at a
 * time: it puts what is wanted, renews what is there, and never gives up. What the owner wants is kept here, so a lost
 * answer or an outage of any length ends with the registry saying what the owner said last.
 */
export class RemoteRegistration<M> implements Registration<M> {
  readonly #options: RemoteRegistrationOptions<M>;
  readonly #clock: Clock;
  readonly #lease: LeaseClock;
  readonly #emitter = createEmitter<RegistrationEvent>();
  readonly #writes: PendingWrites;
  readonly #sleeper: Sleeper;
  readonly #loop: Promise<void>;
  /** What has to be listed, and how often that was changed. */
  #wanted: Instance<M>;
  #version = 0;
  /** What is listed, as last acknowledged; version -1 when it is not. */
  #written: Instance<M>;
  #writtenVersion = -1;
  #status: RegistrationStatus = "reregistering";
  #failure: Error | undefined;

  constructor(options: RemoteRegistrationOptions<M>) {
    const { clock, random, instance, ttlMs } = options;
    this.#options = options;
    this.#clock = clock;
    this.#lease = new LeaseClock(clock, random, ttlMs);
    this.#wanted = instance;
    this.#written = instance;
    this.#writes = new PendingWrites(clock);
    this.#sleeper = new Sleeper(clock);
    this.#loop = this.#run();
  }

  get instance(): Instance<M> {
    return this.#written;
  }

  get grantedTtlMs(): number {
    return this.#lease.ttlMs;
  }

  get status(): RegistrationStatus {
    return this.#status === "active" && this.#lease.isOverdue
      ? "uncertain"
      : this.#status;
  }

  /** Since when the registry has acknowledged nothing; Infinity when nothing needs to be. */
  get unheardSinceMs(): number {
    return this.#lease.unheardSinceMs;
  }

  /**
   * Resolves when the instance is visible. Rejects at once when the signal aborts before, and gives the place up in the
   * background: {@link RemoteRegistration.close} tells when that is done.
   */
  async visible(signal?: AbortSignal): Promise<void> {
    try {
      await this.#writes.wait(this.#version, Infinity, signal);
    } catch (error) {
      void this.close();
      throw error;
    }
  }

  update(patch: InstancePatch<M>): Promise<void> {
    return this.#rewrite((instance) => patchInstance(instance, patch));
  }

  setState(state: InstanceState): Promise<void> {
    return this.#rewrite((instance) =>
      instance.state === state ? instance : { ...instance, state },
    );
  }

  on(listener: (event: RegistrationEvent) => void): () => void {
    return this.#emitter.on(listener);
  }

  /**
   * Deregisters, after the exchange under way; gives up after a third of the ttl (5 s at most), when the lease does the
   * rest. Never rejects.
   */
  close(): Promise<void> {
    if (!this.#isOver()) this.#leave("closed", this.#closedError());
    return this.#loop;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A newer registration took the id: gives up without touching it. */
  supersede(): void {
    if (this.#isOver()) return;
    const { service, id } = this.#wanted;
    this.#leave("superseded", new SupersededError(service, id));
  }

  async #rewrite(
    change: (instance: Instance<M>) => Instance<M>,
  ): Promise<void> {
    const { service, id } = this.#wanted;
    if (this.#status === "superseded") throw new SupersededError(service, id);
    if (this.#status === "closed") throw this.#closedError();
    const next = change(this.#wanted);
    if (next !== this.#wanted) {
      const wanted = asJsonCarriesIt(next);
      this.#options.accept?.(wanted);
      this.#wanted = wanted;
      this.#version++;
      this.#sleeper.wake();
    } else if (!this.#isPutDue()) return;
    const limitMs = Math.min(this.#lease.ttlMs, longestWriteMs);
    await this.#writes.wait(this.#version, limitMs);
  }

  async #run(): Promise<void> {
    const { random, ttlMs } = this.#options;
    // After a success it rests for a third of the ttl anyway, and time to repeat is what its lease lacks.
    const backoff = new Backoff(this.#clock, random, ttlMs / 3, Infinity);
    while (!this.#isOver()) {
      const dueMs = this.#isPutDue() ? -Infinity : this.#lease.renewAtMs;
      if (dueMs > this.#clock.now()) {
        await this.#sleep(dueMs);
        continue;
      }
      try {
        if (this.#isPutDue()) await this.#put();
        else await this.#renew();
        backoff.reset();
        this.#failure = undefined;
      } catch (error) {
        this.#failed(error);
        const untilMs = this.#clock.now() + backoff.next();
        while (!this.#isOver() && this.#clock.now() < untilMs)
          await this.#sleep(untilMs);
      }
    }
    if (this.#status === "closed") await this.#remove();
  }

  /** Until then, a wake, or the end of the lease, which is told. */
  async #sleep(untilMs: number): Promise<void> {
    const { deadlineMs } = this.#lease;
    const overMs = this.#status === "active" ? deadlineMs : Infinity;
    await this.#sleeper.until(Math.min(untilMs, overMs));
    if (this.#status !== "active" || !this.#lease.isOverdue) return;
    const { service, id } = this.#wanted;
    const lateMs = Math.round(this.#clock.now() - this.#lease.renewAtMs);
    this.#become(
      "uncertain",
      this.#failure ??
        new DpError(
          "DP_STALLED",
          `this process stood still: the renewal of ${service} ${id} is ${lateMs} ms late, its ttl of ${this.#lease.ttlMs} ms is over`,
        ),
    );
  }

  #isPutDue(): boolean {
    return this.#writtenVersion !== this.#version;
  }

  async #put(): Promise<void> {
    const wanted = this.#wanted;
    const version = this.#version;
    const sentMs = this.#clock.now();
    const written = await this.#exchange((signal) =>
      this.#options.announcement.put(wanted, signal),
    );
    if (written === "superseded") {
      this.supersede();
      return;
    }
    this.#writtenVersion = version;
    this.#written = Object.freeze({ ...wanted, revision: written.revision });
    this.#acknowledged(sentMs, written.grantedTtlMs);
    this.#writes.done(version);
  }

  async #renew(): Promise<void> {
    const sentMs = this.#clock.now();
    const answer = await this.#exchange((signal) =>
      this.#options.announcement.renew(signal),
    );
    if (answer === "superseded") this.supersede();
    else if (answer === "renewed")
      this.#acknowledged(sentMs, this.#lease.ttlMs);
    else this.#gone();
  }

  #gone(): void {
    this.#writtenVersion = -1;
    if (this.#isOver()) return;
    const { service, id } = this.#wanted;
    this.#become(
      "reregistering",
      new DpError("DP_EXPIRED", `${service} ${id} is no longer registered`),
    );
  }

  /** A few attempts within the time of one exchange; after that the lease runs out by itself. */
  async #remove(): Promise<void> {
    const backoff = new Backoff(this.#clock, this.#options.random);
    const limitMs = Math.min(this.#lease.ttlMs, this.#lease.exchangeMs);
    const untilMs = this.#clock.now() + limitMs;
    for (;;) {
      try {
        await this.#exchange(
          (signal) => this.#options.announcement.remove(signal),
          untilMs - this.#clock.now(),
        );
        return;
      } catch (error) {
        this.#failed(error);
        const waitMs = backoff.next();
        if (this.#clock.now() + waitMs >= untilMs) return;
        await this.#clock.sleep(waitMs);
      }
    }
  }

  #exchange<T>(
    call: (signal: AbortSignal) => Promise<T>,
    limitMs = this.#lease.exchangeMs,
  ): Promise<T> {
    return attempt(this.#clock, limitMs, undefined, call);
  }

  #acknowledged(sentMs: number, ttlMs: number): void {
    this.#lease.acknowledged(sentMs, ttlMs);
    if (!this.#isOver() && this.#status !== "active") this.#become("active");
  }

  #failed(reason: unknown): void {
    const error = reason instanceof Error ? reason : new Error(String(reason));
    this.#failure = error;
    this.#writes.failed(error);
    this.#options.failed(error);
  }

  #isOver(): boolean {
    return this.#status === "closed" || this.#status === "superseded";
  }

  #closedError(): ClosedError {
    const { service, id } = this.#wanted;
    return new ClosedError(`the registration of ${service} ${id}`);
  }

  #leave(status: "closed" | "superseded", refusal: Error): void {
    this.#become(status, status === "superseded" ? refusal : undefined);
    this.#sleeper.wake();
    this.#options.left(this);
    this.#writes.rejectAll(refusal);
  }

  #become(status: RegistrationStatus, cause?: Error): void {
    this.#status = status;
    this.#emitter.emit({
      type: "status",
      status,
      ...(cause !== undefined && { cause }),
    });
  }
}
