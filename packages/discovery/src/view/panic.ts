import type { Member } from "./member.ts";
import type { Tally } from "./tally.ts";

/**
 * Whether so few are ready that their health is ignored: fewer than `threshold` of those judged so far (strictly:
 * sending to sick instances beats crushing the few healthy ones, and a health check may be what is wrong).
 *
 * Source: Envoy's panic threshold. Not counting the pending keeps a wave of newcomers from causing a panic.
 */
export const isPanic = (
  ready: number,
  judged: number,
  threshold: number,
): boolean => ready < threshold * judged;

/**
 * The members of one priority that may be picked: the ready ones; all that serve in a panic; the pending ones while
 * nothing better is known. Draining ones never.
 */
export const pickable = <M>(
  tally: Tally<M>,
  panic: boolean,
): readonly Member<M>[] => {
  if (panic) return tally.serving;
  return tally.ready.length > 0 ? tally.ready : tally.pending;
};
