import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { instanceOf } from "../../test/scripted-registry.ts";
import { CheckGate } from "./check-gate.ts";
import { healthCheck } from "./health-check.ts";
import { Prober } from "./prober.ts";

type Answer = "pass" | "fail" | "throw" | "hang" | "late";

/** With this chance the second check comes a whole interval after the first, like all others. */
const contextOf = (clock: ManualClock, random = (): number => 0) => ({
  clock,
  random,
  gate: new CheckGate(),
});

/** A prober every 1000 ms whose checks answer by a list, the last answer for ever. */
const open = (
  answers: readonly Answer[],
  timing: { rise?: number; fall?: number; timeout?: number } = {},
  random?: () => number,
) => {
  const clock = new ManualClock();
  const signals: AbortSignal[] = [];
  const startedAt: number[] = [];
  const verdicts: [number, boolean][] = [];
  const results: boolean[] = [];
  const check = healthCheck.custom(
    async (_instance, signal) => {
      const answer = answers[Math.min(signals.length, answers.length - 1)];
      signals.push(signal);
      startedAt.push(clock.now());
      if (answer === "fail") await Promise.reject(new Error("sick"));
      if (answer === "hang") await new Promise(() => undefined);
      if (answer === "late") await clock.sleep(1500);
    },
    { interval: 1000, timeout: 300, rise: 2, fall: 3, ...timing },
  );
  const prober = new Prober(
    check,
    () => instanceOf("a"),
    contextOf(clock, random),
    {
      verdict: (healthy) => void verdicts.push([clock.now(), healthy]),
      result: (passed) => void results.push(passed),
    },
  );
  return { clock, prober, signals, startedAt, verdicts, results };
};

describe("a prober", () => {
  it("decides at the first result", async () => {
    const good = open(["pass"]);
    await good.clock.advance(0);
    expect(good.verdicts).toEqual([[0, true]]);
    const bad = open(["fail"]);
    await bad.clock.advance(0);
    expect(bad.verdicts).toEqual([[0, false]]);
  });

  it("needs fall failures in a row to turn down and rise successes to turn up", async () => {
    const { clock, verdicts } = open([
      ...(["pass", "fail", "fail", "pass", "fail", "fail", "fail"] as const),
      ...(["pass", "fail", "pass", "pass"] as const),
    ]);
    await clock.advance(20_000);
    expect(verdicts).toEqual([
      [0, true],
      [6000, false],
      [10_000, true],
    ]);
  });

  it("agrees with a naive count of the last results through random answers", async () => {
    for (let seed = 0; seed < 40; seed++) {
      const draw = (index: number): boolean =>
        Math.sin(seed * 1000 + index * index * 7.3) > 0;
      const answers = Array.from({ length: 60 }, (_, index): Answer =>
        draw(index) ? "pass" : "fail",
      );
      const [rise, fall] = [1 + (seed % 4), 1 + (seed % 3)];
      const { clock, verdicts } = open(answers, { rise, fall });
      await clock.advance(59_500);
      let healthy = answers[0] === "pass";
      const expected = [[0, healthy]];
      for (let index = 1; index < 60; index++) {
        const needed = healthy ? fall : rise;
        const last = answers.slice(Math.max(0, index + 1 - needed), index + 1);
        const against = healthy ? "fail" : "pass";
        if (last.length < needed || !last.every((each) => each === against))
          continue;
        healthy = !healthy;
        expected.push([index * 1000, healthy]);
      }
      expect(verdicts).toEqual(expected);
    }
  });

  it("counts a check that hangs as failed at the timeout, aborts it and goes on", async () => {
    const { clock, verdicts, signals, startedAt } = open(["hang", "pass"], {
      rise: 1,
    });
    await clock.advance(299);
    expect(verdicts).toEqual([]);
    expect(signals[0]?.aborted).toBe(false);
    await clock.advance(1);
    expect(verdicts).toEqual([[300, false]]);
    expect(signals[0]?.reason).toMatchObject({ code: "DP_CHECK_TIMEOUT" });
    await clock.advance(700);
    expect(verdicts).toEqual([
      [300, false],
      [1000, true],
    ]);
    expect(startedAt).toEqual([0, 1000]);
  });

  it("counts each check once, however late it answers", async () => {
    const { clock, results } = open(["late", "late", "pass"]);
    await clock.advance(2500);
    expect(results).toEqual([false, false, true]);
  });

  it("counts a check that throws at once as failed", async () => {
    const clock = new ManualClock();
    const verdicts: boolean[] = [];
    const check = healthCheck.custom(() => {
      throw new Error("a bug");
    });
    const prober = new Prober(check, () => instanceOf("a"), contextOf(clock), {
      verdict: (healthy) => void verdicts.push(healthy),
      result: () => undefined,
    });
    await clock.advance(0);
    expect(verdicts).toEqual([false]);
    prober.stop();
    expect(clock.pending).toBe(0);
  });

  it("starts the next check late rather than twice when one takes longer than the interval", async () => {
    const { clock, startedAt } = open(["late", "pass"], { timeout: 5000 });
    await clock.advance(3000);
    expect(startedAt).toEqual([0, 1500, 2500]);
  });

  it("makes its second check by chance within the interval and all later ones an interval apart", async () => {
    for (const [chance, secondMs] of [
      [0, 1000],
      [0.25, 750],
      [0.75, 250],
    ] as const) {
      const { clock, startedAt } = open(["pass"], {}, () => chance);
      await clock.advance(3000);
      const expected = [0, secondMs, secondMs + 1000, secondMs + 2000];
      expect(startedAt).toEqual(expected.filter((ms) => ms <= 3000));
    }
  });

  it("leaves no timer and no wanted check when stopped, whenever that is", async () => {
    const during = open(["hang"]);
    during.prober.stop();
    expect(during.signals[0]?.aborted).toBe(true);
    expect(during.clock.pending).toBe(0);
    await during.clock.advance(5000);
    expect(during.results).toEqual([]);
    expect(during.signals).toHaveLength(1);
    const between = open(["pass"]);
    await between.clock.advance(500);
    between.prober.stop();
    expect(between.clock.pending).toBe(0);
  });
});
