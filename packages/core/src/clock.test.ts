import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sleepBySchedule, systemClock } from "./clock.ts";
import { InvalidOptionError } from "./errors.ts";

const dayMs = 86_400_000;

describe("systemClock", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  const firedAt = (delayMs: number): { readonly times: number[] } => {
    const startMs = systemClock.now();
    const times: number[] = [];
    systemClock.schedule(delayMs, () =>
      times.push(systemClock.now() - startMs),
    );
    return { times };
  };

  it("reads the monotonic and the wall clock", () => {
    vi.setSystemTime(1_000_000);
    const startMs = systemClock.now();
    vi.advanceTimersByTime(40);
    expect(systemClock.now() - startMs).toBe(40);
    expect(systemClock.wallNow()).toBe(1_000_040);
  });

  it("calls back once, when the delay is over", () => {
    const { times } = firedAt(50);
    vi.advanceTimersByTime(49);
    expect(times).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(times).toEqual([50]);
  });

  it("never calls back before a fractional delay is over", () => {
    const { times } = firedAt(1.9);
    vi.advanceTimersByTime(1);
    expect(times).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(times).toEqual([2]);
  });

  it("waits on when the event loop wakes it early", () => {
    const startMs = systemClock.now();
    const nowMs = vi.spyOn(performance, "now").mockReturnValue(startMs);
    const fired = vi.fn();
    systemClock.schedule(5, fired);
    nowMs.mockReturnValue(startMs + 4.2);
    vi.advanceTimersByTime(5);
    expect(fired).not.toHaveBeenCalled();
    nowMs.mockReturnValue(startMs + 5.2);
    vi.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledOnce();
    nowMs.mockRestore();
  });

  it.each([0, -5, -Infinity])(
    "calls back soon, not at once, for %d",
    (delayMs) => {
      const { times } = firedAt(delayMs);
      expect(times).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(times).toHaveLength(1);
    },
  );

  it("honours a delay of 60 days, which setTimeout alone would fire at once", () => {
    const { times } = firedAt(60 * dayMs);
    vi.advanceTimersByTime(60 * dayMs - 1);
    expect(times).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(times).toEqual([60 * dayMs]);
  });

  it("cancels a delay of 60 days in any of its steps", () => {
    const fired = vi.fn();
    const cancel = systemClock.schedule(60 * dayMs, fired);
    vi.advanceTimersByTime(30 * dayMs);
    cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(60 * dayMs);
    expect(fired).not.toHaveBeenCalled();
  });

  it("never calls back after an infinite delay", () => {
    const fired = vi.fn();
    const cancel = systemClock.schedule(Infinity, fired);
    vi.advanceTimersByTime(100 * dayMs);
    expect(fired).not.toHaveBeenCalled();
    cancel();
  });

  it("refuses a delay that is not a number and leaves no timer", () => {
    expect(() => systemClock.schedule(NaN, () => undefined)).toThrow(
      InvalidOptionError,
    );
  });

  it("cancels before the delay is over, and harmlessly afterwards", () => {
    const fired = vi.fn();
    systemClock.schedule(10, fired)();
    const cancel = systemClock.schedule(10, fired);
    vi.advanceTimersByTime(10);
    cancel();
    cancel();
    vi.advanceTimersByTime(100);
    expect(fired).toHaveBeenCalledOnce();
  });

  it("sleeps", async () => {
    const slept = systemClock.sleep(5_000).then(() => systemClock.now());
    const startMs = systemClock.now();
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await slept) - startMs).toBe(5_000);
  });

  it("stops sleeping when the signal aborts, with the signal's reason and no timer left", async () => {
    const controller = new AbortController();
    const slept = systemClock.sleep(5_000, controller.signal);
    controller.abort("enough");
    await expect(slept).rejects.toBe("enough");
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a sleep", () => {
  /** A signal that counts who listens to it. */
  const watched = (): {
    controller: AbortController;
    listeners: () => number;
  } => {
    const controller = new AbortController();
    const { signal } = controller;
    const held = new Set<unknown>();
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (type: string, listener: never) => {
      held.add(listener);
      add(type, listener, { once: true });
    };
    signal.removeEventListener = (type: string, listener: never) => {
      held.delete(listener);
      remove(type, listener);
    };
    return { controller, listeners: () => held.size };
  };

  const scripted = (): {
    fire: () => void;
    cancelled: () => number;
    schedule: (delayMs: number, callback: () => void) => () => void;
  } => {
    let fire: () => void = () => undefined;
    let cancelled = 0;
    return {
      fire: () => fire(),
      cancelled: () => cancelled,
      schedule: (_, callback) => {
        fire = callback;
        return () => {
          cancelled++;
        };
      },
    };
  };

  it("leaves no listener behind when it is over", async () => {
    const clock = scripted();
    const { controller, listeners } = watched();
    const slept = sleepBySchedule(clock, 1, controller.signal);
    expect(listeners()).toBe(1);
    clock.fire();
    await slept;
    expect(listeners()).toBe(0);
    controller.abort();
    expect(clock.cancelled()).toBe(0);
  });

  it("cancels its timer once when aborted", async () => {
    const clock = scripted();
    const { controller } = watched();
    const slept = sleepBySchedule(clock, 1, controller.signal);
    const reason = new Error("stop");
    controller.abort(reason);
    await expect(slept).rejects.toBe(reason);
    expect(clock.cancelled()).toBe(1);
  });

  it("rejects without a timer or listener when the signal is aborted already", async () => {
    const schedule = vi.fn();
    const { controller, listeners } = watched();
    controller.abort("before");
    await expect(
      sleepBySchedule({ schedule }, 1, controller.signal),
    ).rejects.toBe("before");
    expect(schedule).not.toHaveBeenCalled();
    expect(listeners()).toBe(0);
  });

  it("rejects when its clock refuses the delay", async () => {
    await expect(systemClock.sleep(NaN)).rejects.toThrow(InvalidOptionError);
  });
});
