import assert from "node:assert/strict";
import { seededRandom, type Clock, type Random } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import type { Registry } from "../registry.ts";
import { lifetimeCases } from "./lifetime-cases.ts";
import { registeringCases } from "./registering-cases.ts";
import type { Crash, RegistryCases } from "./registry-case.ts";
import { Scene } from "./scene.ts";
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
): readonly SuiteCase[] =>
  Object.entries(cases).map(([name, check]) => ({
    name,
    run: async () => {
      const clock = new ManualClock();
      const registry = await factory({ clock, random: seededRandom(1) });
      const pass = options.pass ?? ((ms: number) => clock.advance(ms));
      const { crash } = options;
      try {
        await check(
          new Scene(registry, pass),
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
