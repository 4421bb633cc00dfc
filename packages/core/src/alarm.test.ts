import { expect, describe, it, vi } from "vitest";
import { createAlarm, systemClock } from "./index.ts";
import { ManualClock } from "./testing/index.ts";

const make = (onRing?: () => void) => {
  const clock = new ManualClock();
  const rings: number[] = [];
  const alarm = createAlarm(clock, () => {
    rings.push(clock.now());
    onRing?.();
  });
  return { clock, rings, alarm };
};

describe("an alarm on a clock that has none of its own", () => {
  it("rings once, when the time has come", async () => {
    const { clock, rings, alarm } = make();
    alarm.set(10);
    await clock.advance(100);
    expect(rings).toEqual([10]);
  });

  it("goes by its last setting only", async () => {
    const { clock, rings, alarm } = make();
    for (const atMs of [50, 10, 30]) alarm.set(atMs);
    expect(clock.pending).toBe(1);
    await clock.advance(100);
    expect(rings).toEqual([30]);
  });

  it("leaves no timer when it is set to never", async () => {
    const { clock, rings, alarm } = make();
    alarm.set(10);
    alarm.set(Infinity);
    expect(clock.pending).toBe(0);
    await clock.advance(100);
    expect(rings).toEqual([]);
  });

  it("can be set again while it rings", async () => {
    const { clock, rings, alarm } = make(() => alarm.set(clock.now() + 5));
    alarm.set(10);
    await clock.advance(21);
    expect(rings).toEqual([10, 15, 20]);
  });
});

describe("the system clock's alarm", () => {
  /** The system's time and timers under the test's hand. */
  const fake = (test: () => void): void => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    try {
      test();
    } finally {
      vi.useRealTimers();
    }
  };
  const ringing = () => {
    const rings: number[] = [];
    const start = systemClock.now();
    const alarm = createAlarm(systemClock, () =>
      rings.push(systemClock.now() - start),
    );
    return { rings, set: (ms: number) => alarm.set(start + ms) };
  };

  it("rings once, not before its time", () =>
    fake(() => {
      const { rings, set } = ringing();
      set(10.5);
      vi.advanceTimersByTime(10);
      expect(rings).toEqual([]);
      vi.advanceTimersByTime(90);
      expect(rings).toHaveLength(1);
    }));

  it("goes by its last setting, earlier or later than the one before", () =>
    fake(() => {
      const { rings, set } = ringing();
      for (const ms of [50, 10, 30]) set(ms);
      vi.advanceTimersByTime(100);
      expect(rings).toEqual([30]);
    }));

  it("keeps one timer, however often it is set", () =>
    fake(() => {
      const { set } = ringing();
      for (let ms = 100; ms < 200; ms++) {
        set(ms);
        set(Infinity);
      }
      expect(vi.getTimerCount()).toBe(1);
      vi.advanceTimersByTime(300);
      expect(vi.getTimerCount()).toBe(0);
    }));

  it("can be set again while it rings, and for longer than one timer can wait", () =>
    fake(() => {
      const { rings, set } = ringing();
      const longMs = 2 ** 31 + 1_000;
      set(longMs);
      vi.advanceTimersByTime(longMs - 1);
      expect(rings).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(rings).toEqual([longMs]);
    }));

  it("does not keep the process alive while it is set to never", () => {
    const alarm = createAlarm(systemClock, () => undefined);
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((each) => each === "Timeout")
        .length;
    const before = timers();
    alarm.set(systemClock.now() + 3_600_000);
    expect(timers()).toBe(before + 1);
    alarm.set(Infinity);
    expect(timers()).toBe(before);
    alarm.set(systemClock.now() + 7_200_000);
    expect(timers()).toBe(before + 1);
    alarm.set(Infinity);
  });
});
