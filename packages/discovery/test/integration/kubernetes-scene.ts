import { seededRandom, type MetricSource } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { afterEach, beforeEach } from "vitest";
import {
  kubernetesRegistry,
  type KubernetesRegistryOptions,
} from "../../src/registries/kubernetes/index.ts";
import type { Registry } from "../../src/registry.ts";
import { passUntil } from "../passing-time.ts";
import { watchService, type Watcher } from "../watcher.ts";
import {
  startKubernetesDouble,
  type KubernetesDouble,
} from "./kubernetes-double.ts";

/** Of the test under way: an API server, the clock of its clients, and what they complained of. */
export let double: KubernetesDouble;
export let clock: ManualClock;
export let errors: string[];

/** Sets the stage anew for each test of a file. */
export const stageEachTest = (): void => {
  beforeEach(async () => {
    double = await startKubernetesDouble();
    clock = new ManualClock();
    errors = [];
  });
  afterEach(() => double[Symbol.asyncDispose]());
};

export const registryOf = (
  options: KubernetesRegistryOptions = {},
): Registry & MetricSource =>
  kubernetesRegistry({
    url: double.url,
    clock,
    random: seededRandom(1),
    onError: (error) => errors.push(error.message),
    ...options,
  });

export const until = (condition: () => boolean): Promise<void> =>
  passUntil(clock, 20, condition);

/** A watcher that has its first state, with the watch open. */
export const watching = async (
  registry: Registry,
  service = "users",
): Promise<Watcher> => {
  const watcher = watchService(registry, service);
  await until(() => watcher.events.length > 0 && double.watches > 0);
  return watcher;
};

export const one: { endpoints: string[] } = { endpoints: ["10.0.0.1"] };
export const two: { endpoints: string[] } = {
  endpoints: ["10.0.0.1", "10.0.0.2"],
};
