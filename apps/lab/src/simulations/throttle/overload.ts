import { pipeline, throttle } from "@dp/breaker";
import { seededRandom } from "@dp/core";
import { exponentialTime } from "../distributions.ts";
import { Timeline } from "../timeline.ts";

/** Calls a second: what clients ask for, and what the service accepts. */
export const demand = 1_000;
export const capacity = 300;

export interface OverloadFigures {
  /** Calls a second that reached the service. */
  readonly sent: number;
  /** Calls a second that it accepted. */
  readonly accepted: number;
}

const windowSeconds = 5;
const settledSeconds = 10;
const measuredSeconds = 10;

/** A service with too little capacity refuses what is too much for it; its clients hold back by the real throttle. */
export const overload = async (
  k: number,
  seed: number,
): Promise<OverloadFigures> => {
  const random = seededRandom(seed);
  const timeline = new Timeline();
  const guard = pipeline(
    { clock: timeline, random },
    throttle({ k, window: `${windowSeconds}s` }),
  );
  let sent = 0;
  let accepted = 0;
  // Room for calls that comes back evenly, and is lost when nobody takes it for a tenth of a second.
  let room = 0;
  let filledMs = 0;
  const call = (): void => {
    sent++;
    const grown = ((timeline.now() - filledMs) * capacity) / 1_000;
    room = Math.min(capacity / 10, room + grown);
    filledMs = timeline.now();
    if (room < 1) throw new Error("overloaded");
    room--;
    accepted++;
  };
  const arrive = (): void => {
    void guard.try(call);
    timeline.schedule(exponentialTime(random, 1_000 / demand), arrive);
  };
  arrive();
  await timeline.runAsync(settledSeconds * 1_000);
  sent = 0;
  accepted = 0;
  await timeline.runAsync((settledSeconds + measuredSeconds) * 1_000);
  return {
    sent: sent / measuredSeconds,
    accepted: accepted / measuredSeconds,
  };
};
