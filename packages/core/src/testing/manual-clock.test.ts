import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../errors.ts";
import { ManualClock } from "./manual-clock.ts";

const recording = (): {
  clock: ManualClock;
  fired: string[];
  at: (delayMs: number, label: string, then?: () => void) => () => void;
} => {
  const clock = new ManualClock();
  const fired: string[] = [];
  return {
    clock,
    fired,
    at: (delayMs, label, then) =>
      clock.schedule(delayMs, () => {
        fired.push(`${clock.now()} ${label}`);
        then?.();
      }),
  };
};

describe("a manual clock", () => {
  it("starts at 0 and stands still", () => {
    const clock = new ManualClock();
    expect([clock.now(), clock.wallNow(), clock.pending]).toEqual([0, 0, 0]);
  });

  it("fires timers in order of due time, each at its due time", async () => {
    const { clock, fired, at } = recording();
    at(30, "c");
    at(10, "a");
    at(20, "b");
    await clock.advance(25);
    expect(fired).toEqual(["10 a", "20 b"]);
    expect(clock.now()).toBe(25);
    expect(clock.pending).toBe(1);
    await clock.advanceTo(30);
    expect(fired).toEqual(["10 a", "20 b", "30 c"]);
  });

  it("fires timers of one due time in the order of scheduling", async () => {
    const { clock, fired, at } = recording();
    at(10, "a");
    await clock.advance(4);
    at(6, "b");
    at(6, "c");
    await clock.advance(6);
    expect(fired).toEqual(["10 a", "10 b", "10 c"]);
  });

  it("fires what a callback schedules, if it is due in the same move", async () => {
    const { clock, fired, at } = recording();
    at(10, "a", () => {
      at(0, "a+0");
      at(5, "a+5");
      at(50, "a+50");
    });
    at(12, "b");
    await clock.advance(20);
    expect(fired).toEqual(["10 a", "10 a+0", "12 b", "15 a+5"]);
    expect(clock.pending).toBe(1);
  });

  it("does not fire what a callback cancels", async () => {
    const { clock, fired, at } = recording();
    const cancels: (() => void)[] = [];
    at(10, "a", () => {
      for (const cancel of cancels) cancel();
    });
    cancels.push(at(10, "b"), at(15, "c"));
    at(20, "d");
    await clock.advance(20);
    expect(fired).toEqual(["10 a", "20 d"]);
    expect(clock.pending).toBe(0);
  });

  it("cancels harmlessly after a timer fired, and twice", async () => {
    const { clock, fired, at } = recording();
    const cancel = at(1, "a");
    at(2, "b");
    await clock.advance(1);
    cancel();
    cancel();
    await clock.advance(1);
    expect(fired).toEqual(["1 a", "2 b"]);
  });

  it("lets promises run before the next timer, however long their chain is", async () => {
    const { clock, fired, at } = recording();
    const chain = async (): Promise<void> => {
      for (let link = 0; link < 100; link++) await Promise.resolve();
      fired.push(`${clock.now()} chain`);
    };
    at(1, "a", () => void chain());
    at(1, "b");
    at(2, "c");
    await clock.advance(2);
    expect(fired).toEqual(["1 a", "1 chain", "1 b", "2 c"]);
  });

  it("lets promises that are ready schedule before it moves at all", async () => {
    const { clock, fired, at } = recording();
    const scheduleLater = async (): Promise<void> => {
      for (let link = 0; link < 100; link++) await Promise.resolve();
      at(5, "late");
    };
    void scheduleLater();
    await clock.advance(10);
    expect(fired).toEqual(["5 late"]);
  });

  it("queues a move asked for by a callback behind the one under way", async () => {
    const { clock, fired, at } = recording();
    let inner: Promise<void> | undefined;
    at(10, "a", () => {
      inner = clock.advance(500);
    });
    at(20, "b");
    at(300, "c");
    await clock.advance(100);
    expect(fired).toEqual(["10 a", "20 b"]);
    await inner;
    expect(fired).toEqual(["10 a", "20 b", "300 c"]);
    expect(clock.now()).toBe(600);
  });

  it("adds up moves that nobody waited for", async () => {
    const clock = new ManualClock();
    void clock.advance(10);
    await clock.advance(5);
    expect(clock.now()).toBe(15);
  });

  it("rejects with what a callback throws and keeps the later timers", async () => {
    const { clock, fired, at } = recording();
    at(10, "a", () => {
      throw new Error("bug");
    });
    at(20, "b");
    await expect(clock.advance(30)).rejects.toThrow("bug");
    expect([clock.now(), clock.pending]).toEqual([10, 1]);
    await clock.advance(10);
    expect(fired).toEqual(["10 a", "20 b"]);
  });

  it.each([-1, NaN, Infinity])("refuses to move by %d", async (ms) => {
    const clock = new ManualClock();
    await clock.advance(5);
    await expect(clock.advance(ms)).rejects.toThrow(InvalidOptionError);
    expect(clock.now()).toBe(5);
  });

  it("refuses to go back and moves on afterwards", async () => {
    const clock = new ManualClock();
    await clock.advanceTo(5);
    await expect(clock.advanceTo(4)).rejects.toThrow(
      "ms must be a finite time of at least 5, because time does not go back, got 4",
    );
    await clock.advanceTo(5);
    await clock.advanceTo(6);
    expect(clock.now()).toBe(6);
  });

  it("takes a delay below 0 as 0, never fires an infinite one, refuses NaN", async () => {
    const { clock, fired, at } = recording();
    at(-5, "past");
    at(Infinity, "never");
    expect(() => at(NaN, "bug")).toThrow(InvalidOptionError);
    await clock.advance(0);
    expect(fired).toEqual(["0 past"]);
    await clock.advance(1e15);
    expect(clock.pending).toBe(1);
  });

  it("moves the wall clock along, and alone when it is told to", async () => {
    const clock = new ManualClock();
    await clock.advance(10);
    clock.jumpWall(1_000);
    expect([clock.now(), clock.wallNow()]).toEqual([10, 1_010]);
    clock.jumpWall(-3_000);
    await clock.advance(10);
    expect([clock.now(), clock.wallNow()]).toEqual([20, -1_980]);
  });

  it("sleeps until its time or an abort, and leaves no timer", async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const woken: string[] = [];
    void clock.sleep(10).then(() => woken.push(`slept until ${clock.now()}`));
    clock.sleep(20, controller.signal).catch((reason: unknown) => {
      woken.push(`${String(reason)} at ${clock.now()}`);
    });
    await clock.advance(15);
    controller.abort("aborted");
    await clock.advance(0);
    expect(woken).toEqual(["slept until 10", "aborted at 15"]);
    expect(clock.pending).toBe(0);
  });

  it("agrees with a sorted list for any schedule, cancel and move", async () => {
    const action = fc.oneof(
      fc.record({ schedule: fc.integer({ min: -2, max: 20 }) }),
      fc.record({ cancel: fc.nat(30) }),
      fc.record({ advance: fc.nat(10) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const { clock, fired, at } = recording();
        const cancels: (() => void)[] = [];
        let waiting: { dueMs: number; id: number }[] = [];
        const expected: string[] = [];
        for (const each of actions) {
          if ("schedule" in each) {
            const id = cancels.length;
            waiting.push({
              dueMs: clock.now() + Math.max(0, each.schedule),
              id,
            });
            cancels.push(at(each.schedule, `${id}`));
          } else if ("cancel" in each) {
            cancels[each.cancel]?.();
            waiting = waiting.filter(({ id }) => id !== each.cancel);
          } else {
            const untilMs = clock.now() + each.advance;
            const due = waiting.filter(({ dueMs }) => dueMs <= untilMs);
            waiting = waiting.filter(({ dueMs }) => dueMs > untilMs);
            due.sort((a, b) => a.dueMs - b.dueMs || a.id - b.id);
            expected.push(...due.map(({ dueMs, id }) => `${dueMs} ${id}`));
            await clock.advance(each.advance);
          }
          expect(clock.pending).toBe(waiting.length);
        }
        expect(fired).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});
