import type { Clock, MetricFamily, Random } from "@dp/core";
import type { Instance } from "../instance.ts";
import { resolveSpec } from "../instance-spec.ts";
import type { Registration, RegistrationSpec } from "../registration.ts";
import type { Announcement } from "./announcement.ts";
import { asJsonCarriesIt } from "./instance-record.ts";
import { RemoteRegistration } from "./remote-registration.ts";

export interface RegistrationsOptions<M> {
  readonly clock: Clock;
  readonly random: Random;
  /** A fresh way to the registry for one registration of this instance, with this ttl. */
  readonly announce: (instance: Instance<M>, ttlMs: number) => Announcement<M>;
  /**
   * Throws `InvalidOptionError` for an instance that the registry cannot hold, before anything is written.
   * @defaultValue holds any
   */
  readonly accept?: ((instance: Instance<M>) => void) | undefined;
  /** Called with the reason of each failed exchange. */
  readonly failed: (error: Error) => void;
}

/** Whether `other` is an acknowledged write of the same id before `one`. */
const isBefore = <M>(one: Instance<M>, other: RemoteRegistration<M>): boolean =>
  other.instance.revision > 0n &&
  other.instance.service === one.service &&
  other.instance.id === one.id &&
  other.instance.revision < one.revision;

/** The registrations one registry object has made and still keeps. */
export class Registrations<M> {
  readonly #options: RegistrationsOptions<M>;
  readonly #open = new Set<RemoteRegistration<M>>();
  /** The ends of those that are leaving. */
  readonly #leaving = new Set<Promise<void>>();
  #failures = 0;

  constructor(options: RegistrationsOptions<M>) {
    this.#options = options;
  }

  /** See `Registry.register`. */
  async register(
    spec: RegistrationSpec<M>,
    signal: AbortSignal | undefined,
  ): Promise<Registration<M>> {
    const { clock, random, announce, accept, failed } = this.#options;
    const { instance: asked, ttlMs } = resolveSpec(spec);
    const instance = asJsonCarriesIt(asked);
    accept?.(instance);
    signal?.throwIfAborted();
    const registration = new RemoteRegistration<M>({
      announcement: announce(instance, ttlMs),
      instance,
      ttlMs,
      clock,
      random,
      accept,
      left: (gone) => this.#leave(gone),
      failed: (error) => {
        this.#failures++;
        failed(error);
      },
    });
    this.#open.add(registration);
    await registration.visible(signal);
    // The registry would tell them at their next exchange; they may as well know at once.
    for (const older of this.#open)
      if (isBefore(registration.instance, older)) older.supersede();
    return registration;
  }

  /** Deregisters all, and waits for those that were leaving before; never rejects. */
  async close(): Promise<void> {
    for (const each of [...this.#open]) void each.close();
    await Promise.all(this.#leaving);
  }

  #leave(gone: RemoteRegistration<M>): void {
    this.#open.delete(gone);
    const end = gone.close().then(() => void this.#leaving.delete(end));
    this.#leaving.add(end);
  }

  /** What an operator asks of registrations; `registry` names the kind, as `etcd`. */
  metrics(registry: string): MetricFamily[] {
    const nowMs = this.#options.clock.now();
    const statuses = { active: 0, uncertain: 0, reregistering: 0 };
    let oldestMs = nowMs;
    for (const { status, unheardSinceMs } of this.#open) {
      if (status in statuses) statuses[status as keyof typeof statuses]++;
      oldestMs = Math.min(oldestMs, unheardSinceMs);
    }
    const labels = { registry };
    return [
      {
        name: "dp_discovery_registrations",
        help: "Registrations this process keeps, by status.",
        type: "gauge",
        samples: Object.entries(statuses).map(([status, value]) => ({
          labels: { registry, status },
          value,
        })),
      },
      {
        name: "dp_discovery_registration_age_seconds",
        help: "Time since the registry last acknowledged the registration that has waited longest, or since it was asked for.",
        type: "gauge",
        samples: [{ labels, value: (nowMs - oldestMs) / 1000 }],
      },
      {
        name: "dp_discovery_registration_failures_total",
        help: "Exchanges about registrations that failed.",
        type: "counter",
        samples: [{ labels, value: this.#failures }],
      },
    ];
  }
}
