import {
  requireDuration,
  requireInteger,
  requireNumber,
  requireText,
  systemClock,
  systemRandom,
  type Clock,
  type Duration,
  type Random,
} from "@dp/core";
import type { Balancer } from "./balancers/balancer.ts";
import type { HealthCheck } from "./health/check.ts";
import type { Metadata } from "./instance.ts";
import type { OutlierDetection } from "./outlier/detection.ts";
import type { SlowStart } from "./slow-start.ts";
import type { Subset } from "./subset.ts";
import type { ZoneAware } from "./zone.ts";

export interface RemovalHold {
  /** A snapshot that lacks more than this share of the known instances is held, 0 to 1. @defaultValue 0.5 */
  readonly share?: number | undefined;
  /** How long what it lacks stays in use. @defaultValue 30s */
  readonly grace?: Duration | undefined;
}

export interface DiscoverOptions<M = Metadata> {
  /**
   * What metrics call this view, as the label `view`: several views of one service need names to be told apart.
   * @defaultValue none
   */
  readonly name?: string | undefined;
  /** Holds state: a balancer that another open view uses is refused. @defaultValue `powerOfTwo()` with this clock and random */
  readonly balancer?: Balancer | undefined;
  /** Active checks of every instance. @defaultValue none: every serving instance counts as healthy */
  readonly health?: HealthCheck<M> | undefined;
  /** Ejection by what leases report. @defaultValue none */
  readonly outlier?: OutlierDetection | undefined;
  /** A gentle rise of the weight of newcomers. @defaultValue none: full weight at once */
  readonly slowStart?: SlowStart | undefined;
  /** Which instances this client uses and checks. @defaultValue all */
  readonly subset?: Subset | undefined;
  /** Preference for instances of the client's own zone. @defaultValue none: zones make no difference */
  readonly zone?: ZoneAware | undefined;
  /**
   * Path of a file that keeps what was known last, for a start while the registry is out of reach; in a folder that
   * exists. @defaultValue none
   */
  readonly snapshotFile?: string | undefined;
  /**
   * Whether a snapshot that suddenly lacks many instances is doubted: a registry that lost its memory answers like
   * one whose services are gone. Deltas are never doubted. @defaultValue share 0.5, grace 30s
   */
  readonly holdRemovals?: false | RemovalHold | undefined;
  /**
   * All serving instances of a priority are used, whatever their health, when the share of healthy ones in it is
   * strictly below this, 0 to 1; 0 turns it off. @defaultValue 0.5
   */
  readonly panicThreshold?: number | undefined;
  /** @defaultValue the machine's clock */
  readonly clock?: Clock | undefined;
  /** @defaultValue the machine's generator */
  readonly random?: Random | undefined;
}

export interface ResolvedDiscoverOptions<M> {
  readonly name: string | undefined;
  readonly balancer: Balancer | undefined;
  readonly health: HealthCheck<M> | undefined;
  readonly outlier: OutlierDetection | undefined;
  readonly slowStart: SlowStart | undefined;
  readonly subset: Subset | undefined;
  readonly zone: ZoneAware | undefined;
  readonly snapshotFile: string | undefined;
  /** Infinite when nothing is held. */
  readonly holdShare: number;
  readonly holdGraceMs: number;
  readonly panicThreshold: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** Throws `InvalidOptionError` for a bad value. */
export const resolveDiscoverOptions = <M>(
  options: DiscoverOptions<M>,
): ResolvedDiscoverOptions<M> => {
  const hold = options.holdRemovals ?? {};
  return {
    name:
      options.name === undefined
        ? undefined
        : requireText("name", options.name),
    balancer: options.balancer,
    health: options.health,
    outlier: options.outlier,
    slowStart: options.slowStart,
    subset: options.subset,
    zone: options.zone,
    snapshotFile:
      options.snapshotFile === undefined
        ? undefined
        : requireText("snapshotFile", options.snapshotFile),
    holdShare:
      hold === false
        ? Infinity
        : requireNumber("holdRemovals.share", hold.share ?? 0.5, 0, 1),
    holdGraceMs:
      hold === false
        ? 0
        : // Infinity would be the mark of those who are not held.
          Math.min(
            requireDuration("holdRemovals.grace", hold.grace ?? "30s"),
            Number.MAX_VALUE,
          ),
    panicThreshold: requireNumber(
      "panicThreshold",
      options.panicThreshold ?? 0.5,
      0,
      1,
    ),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  };
};

/** Throws `InvalidOptionError` for a bad value. */
export const requireMinimum = (minimum: number | undefined): number =>
  requireInteger("minimum", minimum ?? 1);
