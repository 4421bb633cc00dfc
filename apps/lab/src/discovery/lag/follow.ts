import {
  setImmediate as nextTurn,
  setTimeout as sleep,
} from "node:timers/promises";
import { discover, type Registry, type ServiceView } from "@dp/discovery";
import type { Figures } from "../../turns.ts";
import { count, service, type Stamp } from "./changes.ts";
import { Probe } from "./probe.ts";

const until = async (
  seconds: number,
  step: () => Promise<unknown>,
): Promise<void> => {
  const endMs = performance.now() + seconds * 1_000;
  while (performance.now() < endMs) await step();
};

/** The share of one core that this process uses while it does nothing but some hundred picks a second. */
export const shareOf = async (
  view: Pick<ServiceView<Stamp>, "pick"> | undefined,
  seconds: number,
): Promise<number> => {
  const before = process.cpuUsage();
  const startMs = performance.now();
  await until(seconds, () => {
    view?.pick().success(1);
    return sleep(1);
  });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / (performance.now() - startMs);
};

/** The value below which such a share of the values are. */
export const quantileOf = (
  values: readonly number[],
  share: number,
): number => {
  const sorted = values.toSorted((left, right) => left - right);
  return (
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ??
    NaN
  );
};

/** A view that follows 10,000 instances. */
export interface Follower {
  /** Share of one core without changes. */
  readonly idleShare: number;
  /**
   * For half the time it looks in every turn of the event loop, and notes when each change is seen; then it only picks,
   * and its use of the processor is taken.
   */
  follow(seconds: number): Promise<Figures>;
}

/** Ready when the view knows all. */
export const followerOf = async (
  registry: Registry<Stamp>,
): Promise<Follower> => {
  const probe = new Probe();
  const view = discover(registry, service, { balancer: probe });
  await view.ready({ minimum: count });
  return {
    idleShare: await shareOf(view, 1),
    async follow(seconds) {
      probe.isNoting = true;
      await until(seconds / 2, () => {
        view.pick().success(1);
        return nextTurn();
      });
      probe.isNoting = false;
      const { lagsMs } = probe;
      const share = await shareOf(view, seconds / 2);
      return {
        seen: lagsMs.length,
        p50Ms: quantileOf(lagsMs, 0.5),
        p99Ms: quantileOf(lagsMs, 0.99),
        maxMs: quantileOf(lagsMs, 1),
        share,
      };
    },
  };
};
