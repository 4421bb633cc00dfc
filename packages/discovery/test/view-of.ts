import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { discover } from "../src/discover.ts";
import type { HealthCheck } from "../src/health/check.ts";
import { healthCheck } from "../src/health/health-check.ts";
import type { Instance } from "../src/instance.ts";
import type { DiscoverOptions } from "../src/options.ts";
import type { ServiceView } from "../src/view/service-view.ts";
import type { WatchEvent } from "../src/watch-event.ts";
import {
  instanceOf,
  scriptedRegistry,
  syncOf,
  type ScriptedRegistry,
} from "./scripted-registry.ts";

/** So many instances, named `prefix` and a number from 0. */
export const instancesOf = (
  prefix: string,
  count: number,
  more: Partial<Instance> = {},
): Instance[] =>
  Array.from({ length: count }, (_, index) =>
    instanceOf(`${prefix}${index}`, 1, more),
  );

/** A check every second by which those in `sick` fail and those in `slow` never answer; one result turns a verdict. */
export const checkBy = (
  sick: ReadonlySet<string>,
  slow: ReadonlySet<string> = new Set(),
): HealthCheck =>
  healthCheck.custom(
    async ({ id }) => {
      if (slow.has(id)) await new Promise(() => undefined);
      if (sick.has(id)) throw new Error("sick");
    },
    { interval: 1000, timeout: 500, rise: 1, fall: 1 },
  );

export interface OpenedView {
  readonly clock: ManualClock;
  readonly registry: ScriptedRegistry;
  readonly view: ServiceView;
  /** Makes the registry say something, and lets the view hear it. */
  readonly tell: (event: WatchEvent<unknown>) => Promise<void>;
}

/** A view on virtual time whose registry has answered with these instances, and first checks are done. */
export const viewOf = async (
  instances: readonly Instance[],
  options: DiscoverOptions = {},
): Promise<OpenedView> => {
  const clock = new ManualClock();
  const registry = scriptedRegistry();
  const random = seededRandom(1);
  const view = discover(registry, "web", { clock, random, ...options });
  const tell = async (event: WatchEvent<unknown>): Promise<void> => {
    registry.opened[0]?.emit(event);
    await clock.advance(0);
  };
  await tell(syncOf(1, ...instances));
  return { clock, registry, view, tell };
};

/** How often each id comes in so many picks, each settled at once. */
export const counted = (
  view: ServiceView,
  picks: number,
  exclude?: Iterable<string>,
): Map<string, number> => {
  const counts = new Map<string, number>();
  const request =
    exclude === undefined ? undefined : { exclude: new Set(exclude) };
  for (let pick = 0; pick < picks; pick++) {
    using lease = view.pick(request);
    const { id } = lease.instance;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
};

/** The part of the picks that went to ids with this prefix. */
export const shareOf = (
  counts: ReadonlyMap<string, number>,
  prefix: string,
): number => {
  let all = 0;
  let those = 0;
  for (const [id, count] of counts) {
    all += count;
    if (id.startsWith(prefix)) those += count;
  }
  return those / all;
};
