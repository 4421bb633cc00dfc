import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recentMs, systemClock } from "./clock.ts";
import { RecentTime } from "./recent-time.ts";
import { ManualClock } from "./testing/index.ts";

/** A time source that counts how often it is looked at, and turns that end when told to. */
const scripted = (): {
  readonly time: RecentTime;
  readonly seen: { ms: number; looks: number; waiting: number };
  readonly endTurn: () => void;
} => {
  const seen = { ms: 0, looks: 0, waiting: 0 };
  let callbacks: (() => void)[] = [];
  const time = new RecentTime(
    () => {
      seen.looks++;
      return seen.ms;
    },
    (callback) => {
      seen.waiting = callbacks.push(callback);
    },
  );
  return {
    time,
    seen,
    endTurn: () => {
      const due = callbacks;
      callbacks = [];
      seen.waiting = 0;
      for (const callback of due) callback();
    },
  };
};

describe("RecentTime", () => {
  it("looks each time while it is not asked often, and asks for no callback", () => {
    const { time, seen } = scripted();
    for (let ask = 1; ask <= 100; ask++) {
      seen.ms += 0.3;
      expect(time.recent()).toBe(seen.ms);
    }
    expect(seen).toMatchObject({ looks: 100, waiting: 0 });
  });

  it("looks once for 16 answers when it is asked often in one turn, with one callback", () => {
    const { time, seen } = scripted();
    for (let ask = 0; ask < 7 + 16 * 100; ask++) time.recent();
    expect(seen).toMatchObject({ looks: 107, waiting: 1 });
  });

  it("gives no answer of a turn that is over", () => {
    const { time, seen, endTurn } = scripted();
    for (let ask = 0; ask < 10; ask++) time.recent();
    seen.ms = 3_600_000;
    expect(time.recent()).toBe(0);
    endTurn();
    expect(time.recent()).toBe(3_600_000);
  });

  it("is never ahead, never goes back, and in one turn is at most 15 answers late", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("recent" as const) }),
      fc.record({ kind: fc.constant("now" as const) }),
      fc.record({ kind: fc.constant("turn" as const) }),
      fc.record({
        kind: fc.constant("pass" as const),
        ms: fc.constantFrom(0, 0.01, 0.5, 2, 86_400_000),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { time, seen, endTurn } = scripted();
        let last = 0;
        /** What the time was at each of the last 15 answers of this turn. */
        let before: number[] = [];
        for (const each of steps) {
          if (each.kind === "pass") seen.ms += each.ms;
          else if (each.kind === "turn") {
            endTurn();
            before = [];
          } else {
            const answer = each.kind === "now" ? time.now() : time.recent();
            const oldest = before[0] ?? seen.ms;
            expect(answer).toBeGreaterThanOrEqual(Math.max(last, oldest));
            expect(answer).toBeLessThanOrEqual(seen.ms);
            if (each.kind === "now") expect(answer).toBe(seen.ms);
            last = answer;
            before = [...before, seen.ms].slice(-15);
          }
        }
      }),
    );
  });
});

describe("recentMs", () => {
  it("is the time of a clock that has no cheaper way", async () => {
    const clock = new ManualClock();
    for (let ask = 0; ask < 20; ask++) {
      await clock.advance(0.25);
      expect(recentMs(clock)).toBe(clock.now());
    }
  });

  it("is the own time of a clock made from the system's", () => {
    let ms = 0;
    const clock = { ...systemClock, now: () => ++ms };
    for (let ask = 1; ask <= 20; ask++) expect(recentMs(clock)).toBe(ask);
  });

  it("of the system's clock is the time again in the next turn", async () => {
    for (let ask = 0; ask < 100; ask++) recentMs(systemClock);
    await systemClock.sleep(0);
    const now = systemClock.now();
    expect(recentMs(systemClock)).toBeGreaterThanOrEqual(now);
  });
});
