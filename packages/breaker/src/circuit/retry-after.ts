import type { Breaks } from "./breaks.ts";
import type { Isolations } from "./isolations.ts";
import type { Phase } from "./phase.ts";
import type { Ramp } from "./ramp.ts";

/** What decides when a circuit lets calls through again. */
export interface RefusingParts {
  readonly now: number;
  readonly phase: Phase;
  readonly isolations: Isolations;
  readonly breaks: Breaks;
  readonly ramp: Ramp | undefined;
}

/** While refusing: milliseconds until another try makes sense; undefined if only a person can tell. */
export const retryAfterMs = ({
  now,
  phase,
  isolations,
  breaks,
  ramp,
}: RefusingParts): number | undefined => {
  if (isolations.any) return undefined;
  if (phase.state === "closed")
    return ramp === undefined ? undefined : ramp.endMs - now;
  if (phase.state === "open")
    return phase.untilMs === Infinity
      ? undefined
      : Math.max(0, phase.untilMs - now);
  if (!phase.full) return undefined;
  // The verdict is there when the oldest lease ends, at the latest; until then the last break is the best guess.
  return Math.max(0, Math.min(phase.expiresAtMs - now, breaks.lastMs));
};
