import { pipeline, throttle } from "@dp/breaker";
import { seededRandom } from "@dp/core";
import { exponentialTime } from "../distributions.ts";
import { Timeline } from "../timeline.ts";

/** Seconds. The outage fills the window. */
const windowSeconds = 120;
export const outageSeconds = 150;
export const endSeconds = 1_000;

const callsPerSecond = 20;

export interface RecoveryFigures {
  /** Seconds after the end of the outage until less than a twentieth is held back. */
  readonly seconds: number;
  /** The share held back, every five seconds. */
  readonly shares: readonly (readonly [second: number, share: number])[];
}

/** Nothing works for longer than the window; then everything does. The clients' throttle has to find out. */
export const recovery = async (
  maxReject: number,
  seed: number,
): Promise<RecoveryFigures> => {
  const random = seededRandom(seed);
  const timeline = new Timeline();
  const holding = throttle({ maxReject, window: `${windowSeconds}s` });
  const guard = pipeline({ clock: timeline, random }, holding);
  const shares: (readonly [number, number])[] = [];
  let recoveredSecond = Infinity;
  const call = (): void => {
    if (timeline.now() < outageSeconds * 1_000) throw new Error("down");
  };
  const arrive = (): void => {
    void guard.try(call);
    timeline.schedule(exponentialTime(random, 1_000 / callsPerSecond), arrive);
  };
  const look = (): void => {
    const second = timeline.now() / 1_000;
    const share = holding.probability;
    if (second % 5 === 0) shares.push([second, share]);
    if (second > outageSeconds && share < 0.05)
      recoveredSecond = Math.min(recoveredSecond, second);
    timeline.schedule(1_000, look);
  };
  arrive();
  look();
  await timeline.runAsync(endSeconds * 1_000);
  return { seconds: recoveredSecond - outageSeconds, shares };
};
