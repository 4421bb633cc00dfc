import type { Member } from "./member.ts";
import { isPanic, pickable } from "./panic.ts";
import type { Standing } from "./service-view.ts";
import type { SlowStart } from "../slow-start.ts";
import { Tally } from "./tally.ts";
import type { Tier } from "./tier.ts";
import { tierLoads } from "./tier-loads.ts";
import { cutAtZone } from "./zone-tiers.ts";
import type { ZoneAware } from "../zone.ts";

/** Which members may be picked, and what that follows from. */
export interface Choice<M> {
  /** All with serving members, best first. */
  readonly tiers: readonly Tier<M>[];
  /** A tier that gets picks is in a panic. */
  readonly panic: boolean;
  readonly standings: Readonly<Record<Standing, number>>;
  /** All that are used but the draining. */
  readonly serving: number;
  /** Serving members under ejection, the unhealthy among them included. */
  readonly ejected: number;
  /** Candidates that have less than their weight for now. */
  readonly slowStarting: number;
  /** The first moment at which this may be out of date without anything happening. */
  readonly untilMs: number;
}

export interface ChoiceRules {
  readonly panicThreshold: number;
  readonly slowStart: SlowStart | undefined;
  readonly zone: ZoneAware | undefined;
}

/** Weights of a slow start are brought up to date so many times in its window. */
const rampSteps = 20;

/** Sorts the members into tiers with their shares of the load, and brings their weights up to date. O(n). */
export const choose = <M>(
  members: Iterable<Member<M>>,
  rules: ChoiceRules,
  nowMs: number,
): Choice<M> => {
  const { slowStart } = rules;
  const tallies = new Map<number, Tally<M>>();
  const standings = {
    ready: 0,
    pending: 0,
    unhealthy: 0,
    ejected: 0,
    draining: 0,
    unselected: 0,
  };
  const stepMs = (slowStart?.windowMs ?? 0) / rampSteps;
  let tally: Tally<M> | undefined;
  let ejected = 0;
  let slowStarting = 0;
  let untilMs = Infinity;
  for (const member of members) {
    const standing = member.standing(nowMs);
    standings[standing]++;
    if (member.goesAtMs < untilMs) untilMs = member.goesAtMs;
    if (standing === "draining" || standing === "unselected") continue;
    if (member.weigh(slowStart, nowMs)) {
      slowStarting++;
      const overMs = member.rampFromMs + (slowStart?.windowMs ?? 0);
      untilMs = Math.min(untilMs, nowMs + stepMs, overMs);
    }
    const { priority } = member.instance;
    if (tally?.priority !== priority) {
      tally = tallies.get(priority) ?? new Tally<M>(priority);
      tallies.set(priority, tally);
    }
    tally.serving.push(member);
    if (standing === "ready") tally.ready.push(member);
    else if (standing === "pending") tally.pending.push(member);
    if (member.ejectedUntilMs > nowMs) {
      ejected++;
      untilMs = Math.min(untilMs, member.ejectedUntilMs);
    }
  }
  const ordered = [...tallies.values()].sort((a, b) => a.priority - b.priority);
  const tiers = tiersOf(ordered, rules);
  return {
    tiers,
    panic: tiers.some(({ load, panic }) => panic && load > 0),
    standings,
    serving: ordered.reduce((sum, { serving }) => sum + serving.length, 0),
    ejected,
    slowStarting,
    untilMs,
  };
};

/** When all are sick everywhere, each priority gets load by the number of its candidates. */
const tiersOf = <M>(
  tallies: readonly Tally<M>[],
  { panicThreshold, zone }: ChoiceRules,
): readonly Tier<M>[] => {
  const pools = tallies.map((tally) => {
    const panic = isPanic(tally.ready.length, tally.judged, panicThreshold);
    return { tally, panic, candidates: pickable(tally, panic) };
  });
  const anyReady = tallies.some(({ ready }) => ready.length > 0);
  const loads = tierLoads(tallies.map((tally) => tally.health(anyReady)));
  const hopeless = loads.every((load) => load === 0);
  const all = pools.reduce((sum, { candidates }) => sum + candidates.length, 0);
  return pools.flatMap(({ tally, panic, candidates }, index) => {
    const { priority } = tally;
    const load = hopeless
      ? candidates.length / Math.max(1, all)
      : (loads[index] ?? 0);
    const tier: Tier<M> = { priority, part: "all", candidates, load, panic };
    return zone === undefined
      ? [tier]
      : cutAtZone(tier, tally, zone, panicThreshold);
  });
};
