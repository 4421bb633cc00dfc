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
import { renewalMs } from "../remote/lease-clock.ts";
import type { MemoryStore } from "./memory-store.ts";

/** A registration whose writes are synchronous calls of the store, so nothing comes between a check and a write. */
export class MemoryRegistration<M> implements Registration<M> {
  readonly grantedTtlMs: number;
  readonly #store: MemoryStore<M>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #left: (registration: MemoryRegistration<M>) => void;
  readonly #emitter = createEmitter<RegistrationEvent>();
  #instance: Instance<M>;
  #status: RegistrationStatus = "active";
  #deadlineMs = 0;
  #crashed = false;
  #cancelRenewal: (() => void) | undefined;

  /** Writes the instance at once. `left` is called when this registration was closed or superseded. */
  constructor(
    instance: Instance<M>,
    ttlMs: number,
    store: MemoryStore<M>,
    clock: Clock,
    random: Random,
    left: (registration: MemoryRegistration<M>) => void,
  ) {
    this.grantedTtlMs = ttlMs;
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
    this.#left = left;
    this.#instance = this.#write(instance);
    this.#scheduleRenewal();
  }

  get instance(): Instance<M> {
    return this.#instance;
  }

  get status(): RegistrationStatus {
    return this.#status === "active" && this.#clock.now() >= this.#deadlineMs
      ? "uncertain"
      : this.#status;
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

  close(): Promise<void> {
    if (this.#status !== "closed" && this.#status !== "superseded") {
      if (!this.#crashed) this.#store.remove(this.#instance, this);
      this.#leave("closed");
    }
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A newer registration took the id: give up without touching it. */
  supersede(): void {
    this.#leave(
      "superseded",
      new SupersededError(this.#instance.service, this.#instance.id),
    );
  }

  /** As if the process had died: renewals stop, nothing is deregistered. */
  crash(): void {
    this.#crashed = true;
    this.#cancelRenewal?.();
  }

  #rewrite(change: (instance: Instance<M>) => Instance<M>): Promise<void> {
    return new Promise((resolve) => {
      const { service, id } = this.#instance;
      if (this.#status === "superseded") throw new SupersededError(service, id);
      if (this.#status === "closed" || this.#crashed)
        throw new ClosedError(`the registration of ${service} ${id}`);
      const next = change(this.#instance);
      if (next !== this.#instance) {
        if (this.#renew()) this.#instance = this.#write(next);
        else this.#restore(next);
      }
      resolve();
    });
  }

  /** False if the entry is gone: this process was held up for longer than the ttl. */
  #renew(): boolean {
    const deadlineMs = this.#clock.now() + this.grantedTtlMs;
    if (!this.#store.renew(this.#instance, this, deadlineMs)) return false;
    this.#deadlineMs = deadlineMs;
    return true;
  }

  #restore(instance: Instance<M>): void {
    const { service, id } = instance;
    this.#become(
      "reregistering",
      new DpError(
        "DP_EXPIRED",
        `${service} ${id} was not renewed within its ttl of ${this.grantedTtlMs} ms`,
      ),
    );
    // A listener may have closed it.
    if (this.status !== "reregistering") return;
    this.#instance = this.#write(instance);
    this.#become("active");
  }

  #write(instance: Instance<M>): Instance<M> {
    this.#deadlineMs = this.#clock.now() + this.grantedTtlMs;
    return this.#store.put(instance, this, this.#deadlineMs);
  }

  #scheduleRenewal(): void {
    if (this.grantedTtlMs === Infinity) return;
    this.#cancelRenewal = this.#clock.schedule(
      renewalMs(this.grantedTtlMs, this.#random),
      () => {
        if (!this.#renew()) this.#restore(this.#instance);
        if (this.#status === "active") this.#scheduleRenewal();
      },
    );
  }

  #leave(status: "closed" | "superseded", cause?: Error): void {
    this.#cancelRenewal?.();
    this.#left(this);
    this.#become(status, cause);
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
