import type { Alarm, Clock } from "./clock.ts";

/** An alarm on `clock`: its own if it has any, else one made of `schedule`. `ring` may set it again. */
export const createAlarm = (clock: Clock, ring: () => void): Alarm =>
  clock.alarm?.(ring) ?? alarmBySchedule(clock, ring);

const alarmBySchedule = (clock: Clock, ring: () => void): Alarm => {
  let setToMs = Infinity;
  let cancel: (() => void) | undefined;
  return {
    set(atMs) {
      if (atMs === setToMs) return;
      cancel?.();
      setToMs = atMs;
      cancel =
        atMs === Infinity
          ? undefined
          : clock.schedule(atMs - clock.now(), () => {
              setToMs = Infinity;
              cancel = undefined;
              ring();
            });
    },
  };
};
