import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import type {
  RegistrationSpec,
  Registry,
  WatchEvent,
} from "../../src/index.ts";
import {
  consulRegistry,
  type ConsulRegistry,
  type ConsulRegistryOptions,
} from "../../src/registries/consul/index.ts";
import { ConsulDouble } from "./consul-double.ts";
import { passOn } from "./virtual-time.ts";

/** A double of Consul on a virtual clock, and what is done with it. */
export class ConsulScene implements AsyncDisposable {
  readonly clock: ManualClock = new ManualClock();
  readonly consul: ConsulDouble = new ConsulDouble(this.clock);
  readonly errors: string[] = [];
  readonly #registries: ConsulRegistry[] = [];
  #seed = 1;

  registry(options: Partial<ConsulRegistryOptions> = {}): ConsulRegistry {
    const registry = consulRegistry({
      url: "http://consul",
      fetch: this.consul.fetch,
      clock: this.clock,
      random: seededRandom(this.#seed++),
      onError: (error) => this.errors.push(error.message),
      ...options,
    });
    this.#registries.push(registry);
    return registry;
  }

  pass(ms: number): Promise<void> {
    return passOn(this.clock, ms);
  }

  /** What the promise gives, while time passes. Rejects if it does not within two minutes of it. */
  async meanwhile<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = (): void => void (settled = true);
    promise.then(settle, settle);
    const isSettled = (): boolean => settled;
    for (let step = 0; step < 2400 && !isSettled(); step++) await this.pass(50);
    if (!isSettled()) throw new Error("it never settles");
    return promise;
  }

  record(registry: Registry, service = "web"): WatchEvent<unknown>[] {
    const events: WatchEvent<unknown>[] = [];
    void (async () => {
      for await (const event of registry.watch(service)) events.push(event);
    })();
    return events;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.consul.trouble = undefined;
    for (const registry of this.#registries)
      await this.meanwhile(registry[Symbol.asyncDispose]());
    this.consul.close();
    if (this.clock.pending > 0) throw new Error("a timer is left");
  }
}

export const web = (id: string, port: number = 8080): RegistrationSpec => ({
  service: "web",
  host: "10.0.0.1",
  id,
  port,
});
