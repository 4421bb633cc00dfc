import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { candidatesOf } from "../testing/balancer-case.ts";
import { ProbeCalls, type ProbeAnswer } from "./probe-calls.ts";
import { Seat } from "./roster.ts";

interface Call {
  readonly id: string;
  readonly signal: AbortSignal;
  readonly answer: (answer: ProbeAnswer) => void;
  readonly fail: (error: Error) => void;
}

const open = (limit: number = 10) => {
  const clock = new ManualClock();
  const asked: Call[] = [];
  const answers: string[] = [];
  const calls = new ProbeCalls<Seat>(
    (instance, signal) =>
      new Promise((answer, fail) => {
        asked.push({ id: instance.id, signal, answer, fail });
      }),
    clock,
    1000,
    limit,
    ({ candidate }, { inFlight, latencyMs }) =>
      answers.push(`${candidate.id} ${inFlight} ${latencyMs}`),
  );
  const seats = candidatesOf(["a", "b", "c"]).map(
    (candidate) => new Seat(candidate),
  );
  return { clock, asked, answers, calls, seats };
};

describe("calls of probes", () => {
  it("start after the pick that asked for them, and hand on the answer", async () => {
    const { clock, asked, answers, calls, seats } = open();
    calls.start(seats[0]!);
    expect(asked).toEqual([]);
    await clock.advance(0);
    asked[0]!.answer({ inFlight: 3, latencyMs: 20 });
    await clock.advance(0);
    expect(answers).toEqual(["a 3 20"]);
    expect(clock.pending).toBe(0);
  });

  it("are one at a time for an instance and so many in all", async () => {
    const { clock, asked, calls, seats } = open(2);
    for (const seat of [seats[0]!, seats[0]!, seats[1]!, seats[2]!])
      calls.start(seat);
    await clock.advance(0);
    expect(asked.map(({ id }) => id)).toEqual(["a", "b"]);
    asked[0]!.answer({ inFlight: 0, latencyMs: 0 });
    await clock.advance(0);
    calls.start(seats[0]!);
    calls.start(seats[2]!);
    await clock.advance(0);
    expect(asked.map(({ id }) => id)).toEqual(["a", "b", "a"]);
  });

  it("are aborted when their time is over, and make room at once", async () => {
    const { clock, asked, answers, calls, seats } = open(1);
    calls.start(seats[0]!);
    await clock.advance(999);
    expect(asked[0]!.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(asked[0]!.signal.aborted).toBe(true);
    calls.start(seats[0]!);
    await clock.advance(0);
    asked[0]!.answer({ inFlight: 1, latencyMs: 1 });
    await clock.advance(0);
    expect(answers).toEqual([]);
    // The late answer of the first does not make the second forgotten.
    calls.start(seats[0]!);
    await clock.advance(0);
    expect(asked).toHaveLength(2);
    asked[1]!.answer({ inFlight: 2, latencyMs: 2 });
    await clock.advance(0);
    expect(answers).toEqual(["a 2 2"]);
    expect(clock.pending).toBe(0);
  });

  it("may fail, throw or answer nonsense without harm", async () => {
    const { clock, asked, answers, calls, seats } = open();
    const nonsense = [
      { inFlight: NaN, latencyMs: 1 },
      { inFlight: 1, latencyMs: -1 },
      {},
      undefined,
    ];
    for (const answer of nonsense) {
      calls.start(seats[0]!);
      await clock.advance(0);
      asked.at(-1)!.answer(answer as ProbeAnswer);
      await clock.advance(0);
    }
    calls.start(seats[0]!);
    await clock.advance(0);
    asked.at(-1)!.fail(new Error("refused"));
    await clock.advance(0);
    expect(asked).toHaveLength(5);
    const throwing = new ProbeCalls<Seat>(
      () => {
        throw new Error("at once");
      },
      clock,
      1000,
      1,
      () => undefined,
    );
    throwing.start(seats[0]!);
    await clock.advance(0);
    expect(answers).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
