import type { Member } from "./member.ts";
import type { Standing } from "./service-view.ts";

/** Which members may be picked, and what that follows from. */
export interface Choice<M> {
  readonly candidates: readonly Member<M>[];
  readonly panic: boolean;
  readonly standings: Readonly<Record<Standing, number>>;
  /** All but the draining. */
  readonly serving: number;
  /** Serving members under ejection, the unhealthy among them included. */
  readonly ejected: number;
  /** The first moment at which this may be out of date without anything happening. */
  readonly untilMs: number;
}

/**
 * The members that may be picked: the ready ones; all that serve when the ready are fewer than `threshold` of those
 * judged so far (strictly: sending to sick instances beats crushing the few healthy ones, and a health check may be
 * what is wrong); the pending ones while nothing better is known. Draining ones never.
 *
 * Source: Envoy's panic threshold. Not counting the pending keeps a wave of newcomers from causing a panic.
 */
export const chooseCandidates = <M>(
  members: Iterable<Member<M>>,
  threshold: number,
  nowMs: number,
): Choice<M> => {
  const ready: Member<M>[] = [];
  const pending: Member<M>[] = [];
  const serving: Member<M>[] = [];
  const standings = {
    ready: 0,
    pending: 0,
    unhealthy: 0,
    ejected: 0,
    draining: 0,
  };
  let ejected = 0;
  let untilMs = Infinity;
  for (const member of members) {
    const standing = member.standing(nowMs);
    standings[standing]++;
    untilMs = Math.min(untilMs, member.unconfirmedUntilMs);
    if (standing === "draining") continue;
    serving.push(member);
    if (standing === "ready") ready.push(member);
    if (standing === "pending") pending.push(member);
    if (member.ejectedUntilMs > nowMs) {
      ejected++;
      untilMs = Math.min(untilMs, member.ejectedUntilMs);
    }
  }
  const judged = serving.length - pending.length;
  const panic = ready.length < threshold * judged;
  const best = ready.length > 0 ? ready : pending;
  return {
    candidates: panic ? serving : best,
    panic,
    standings,
    serving: serving.length,
    ejected,
    untilMs,
  };
};
