import assert from "node:assert/strict";
import { seededRandom, type Clock, type Random } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import type { Instance } from "../instance.ts";
import type { Registration, RegistrationSpec } from "../registration.ts";
import type { Registry } from "../registry.ts";
import { lifetimeCases } from "./lifetime-cases.ts";
import { registeringCases } from "./registering-cases.ts";
import type { Crash, RegistryCases } from "./registry-case.ts";
import { Scene, type SceneOptions } from "./scene.ts";
import type { SuiteCase } from "./suite-case.ts";
import { watchingCases } from "./watching-cases.ts";

/** Makes the registry under test, empty, on the suite's clock and generator. */
export type RegistryFactory = (options: {
  readonly clock: Clock;
  readonly random: Random;
}) => Registry | Promise<Registry>;

export interface RegistrySuiteOptions {
  /** How time passes. @defaultValue the suite's `ManualClock` is advanced */
  readonly pass?: ((ms: number) => Promise<void>) | undefined;
  /**
   * Makes the process that registered an instance die without a word.
   * @defaultValue the registry's own `crash` method; without one, cases that need it pass
   */
  readonly crash?:
    | ((
        registry: Registry,
        service: string,
        id: string,
      ) => Promise<void> | void)
    | undefined;
  /**
   * How instances get into a registry that cannot register: a double of {@link Registry.register} that changes the
   * source it reads. Cases about registering itself pass then. @defaultValue the registry's own
   */
  readonly register?:
    | ((registry: Registry, spec: RegistrationSpec) => Promise<Registration>)
    | undefined;
  /**
   * `states` for a registry that polls: what happens between two looks is one delta, and revisions are its own.
   * @defaultValue "changes"
   */
  readonly granularity?: "changes" | "states" | undefined;
  /**
   * How many updates a reader misses that stands still: more than a watch of the registry keeps for it.
   * @defaultValue 3000
   */
  readonly backlog?: number | undefined;
  /** Takes from an instance what the registry cannot carry, before it is compared. @defaultValue nothing */
  readonly normalise?: ((instance: Instance) => Instance) | undefined;
  /** The id that `normalise` gives to the instance with this one. @defaultValue the same */
  readonly normaliseId?: ((id: string) => string) | undefined;
  /** Names of cases that the registry cannot meet, each with the reason. An unknown name throws. */
  readonly deviations?: Readonly<Record<string, string>> | undefined;
}

const cases: RegistryCases = {
  ...registeringCases,
  ...watchingCases,
  ...lifetimeCases,
};

const ownCrash = (registry: Registry): Crash | undefined => {
  const { crash } = registry as { crash?: unknown };
  return typeof crash === "function"
    ? (crash.bind(registry) as Crash)
    : undefined;
};

/**
 * The contract of {@link Registry} as cases for a test runner. Each makes a registry of its own and disposes of it.
 * `registrySuite(memoryRegistry)` is how this package proves its own.
 */
export const registrySuite = (
  factory: RegistryFactory,
  options: RegistrySuiteOptions = {},
): readonly SuiteCase[] => {
  const { crash, register, deviations = {} } = options;
  const unknown = Object.keys(deviations).find((name) => !(name in cases));
  assert.equal(unknown, undefined, `there is no case "${unknown}"`);
  const kept = Object.entries(cases).filter(([name]) => !(name in deviations));
  return kept.map(([name, check]) => ({
    name,
    run: async () => {
      const clock = new ManualClock();
      const registry = await factory({ clock, random: seededRandom(1) });
      const scene: SceneOptions = {
        pass: options.pass ?? ((ms: number) => clock.advance(ms)),
        register: register && ((spec) => register(registry, spec)),
        granularity: options.granularity ?? "changes",
        backlog: options.backlog ?? 3000,
        normalise: options.normalise ?? ((instance) => instance),
        normaliseId: options.normaliseId ?? ((id) => id),
      };
      try {
        await check(
          new Scene(registry, scene),
          crash === undefined
            ? ownCrash(registry)
            : (service, id) => crash(registry, service, id),
        );
      } finally {
        await registry[Symbol.asyncDispose]();
      }
      // A timer of a registry that is gone would keep a process alive.
      assert.equal(clock.pending, 0);
    },
  }));
};
