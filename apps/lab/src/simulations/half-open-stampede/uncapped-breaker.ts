import type { Permit } from "@dp/breaker";
import type { Timeline } from "../timeline.ts";

/**
 * A model of breakers that let everybody through once the break is over, until the first result decides: what
 * `@dp/breaker` does not do. It opens on the first failure.
 */
export const uncappedBreaker = (
  timeline: Timeline,
  openForMs: number,
): { readonly tryPermit: () => Permit | undefined } => {
  let openUntilMs = -Infinity;
  const failure = (): void => {
    if (timeline.now() >= openUntilMs) openUntilMs = timeline.now() + openForMs;
  };
  const ignore = (): void => undefined;
  const permit: Permit = {
    success: ignore,
    failure,
    ignore,
    [Symbol.dispose]: ignore,
  };
  return {
    tryPermit: () => (timeline.now() < openUntilMs ? undefined : permit),
  };
};
