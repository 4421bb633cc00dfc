import { requireInteger, requireText, type MetricSource } from "@dp/core";
import { breaker, type CircuitBreaker } from "./circuit-breaker.ts";
import type { BreakerInspection } from "./circuit-state.ts";
import { LeastRecentlyUsed } from "./least-recently-used.ts";
import { mergeMetrics } from "./merge-metrics.ts";
import type { BreakerOptions } from "./options.ts";

/** How a registry makes and keeps its breakers. */
export interface BreakerRegistryOptions {
  /** Options of every breaker, where `getOrCreate` is not given others. */
  readonly defaults?: BreakerOptions | undefined;
  /**
   * How many breakers are kept. One more displaces the one unused for longest, a closed one if there is any among the
   * sixteen oldest: an open circuit that is forgotten would let everything through.
   *
   * @defaultValue 10_000
   */
  readonly max?: number | undefined;
}

/** Circuit breakers by name, made when first asked for. */
export interface BreakerRegistry extends MetricSource {
  /** The breaker of that name; made from the defaults and `options` if there is none, else `options` are not looked at. */
  getOrCreate(name: string, options?: BreakerOptions): CircuitBreaker;
  /** The breaker of that name, if there is one. Counts as use of it. */
  get(name: string): CircuitBreaker | undefined;
  /** Forgets a breaker; who holds it can go on using it. False if there was none. */
  delete(name: string): boolean;
  /** The breakers, the one unused for longest first. */
  [Symbol.iterator](): Iterator<CircuitBreaker>;
  /** All breakers by name, see `CircuitBreaker.inspect`. */
  inspect(): Record<string, BreakerInspection>;
}

/** Creates a {@link BreakerRegistry}. Throws `InvalidOptionError` for an option out of bounds. */
export const breakerRegistry = (
  options: BreakerRegistryOptions = {},
): BreakerRegistry => {
  const max = requireInteger("max", options.max ?? 10_000, 1);
  const { defaults } = options;
  // Validates the defaults now rather than at the first call.
  breaker(defaults);
  const breakers = new LeastRecentlyUsed(
    max,
    ({ state }: CircuitBreaker) => state === "closed",
  );

  return {
    getOrCreate(name, own) {
      const found = breakers.use(name);
      if (found !== undefined) return found;
      const made = breaker({
        ...defaults,
        ...definedOf(own),
        name: requireText("name", name),
      });
      breakers.add(name, made);
      return made;
    },
    get: (name) => breakers.use(name),
    delete: (name) => breakers.delete(name) !== undefined,
    [Symbol.iterator]: () => breakers.values(),
    inspect: () =>
      Object.fromEntries(
        Array.from(breakers.entries(), ([name, each]) => [
          name,
          each.inspect(),
        ]),
      ),
    metrics: () => mergeMetrics(breakers.values()),
  };
};

/** The options that are set: undefined means the default, here that of the registry. */
const definedOf = (options: BreakerOptions = {}): BreakerOptions =>
  Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  );
