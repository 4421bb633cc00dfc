import type { Clock } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  breaker,
  consecutive,
  pipeline,
  ResilienceError,
  timeout,
  type CircuitBreaker,
  type TimeoutOptions,
} from "./index.ts";

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** The clock of a process that can stand still: time goes on then, and timers that were due fire only afterwards. */
class StallingClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return this.#now;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  sleep(): Promise<void> {
    throw new Error("nobody sleeps here");
  }

  get pending(): number {
    return this.#timers.size;
  }

  stall(ms: number): void {
    this.#now += ms;
  }

  async advance(ms: number): Promise<void> {
    const endMs = this.#now + ms;
    for (;;) {
      await new ManualClock().advance(0);
      const [first] = [...this.#timers].sort((a, b) => a.dueMs - b.dueMs);
      if (first === undefined || first.dueMs > endMs) break;
      this.#timers.delete(first);
      this.#now = Math.max(this.#now, first.dueMs);
      first.callback();
    }
    this.#now = endMs;
  }
}

const start = async (options?: TimeoutOptions) => {
  const clock = new StallingClock();
  const circuit = breaker({ trip: consecutive(5) });
  const guarded = pipeline({ clock }, circuit, timeout(100, options));
  let answer = (): void => undefined;
  const running = guarded.try(
    () =>
      new Promise<string>((resolve) => {
        answer = () => {
          resolve("the answer");
        };
      }),
  );
  await clock.advance(0);
  return {
    clock,
    circuit,
    running,
    answer: () => {
      answer();
    },
  };
};

const timedOut = async (
  running: Promise<{ readonly ok: boolean; readonly error?: unknown }>,
): Promise<ResilienceError> => {
  const { error } = await running;
  if (!ResilienceError.is(error)) throw new Error("it did not time out");
  return error;
};

const failures = (circuit: CircuitBreaker): number =>
  circuit.inspect().counts.failures;

describe("a timeout when the process may have stood still", () => {
  it("is not counted as a failure of the service, and tells how long that was", async () => {
    const { clock, circuit, running } = await start();
    clock.stall(150);
    await clock.advance(1);
    const error = await timedOut(running);
    expect(error).toMatchObject({ kind: "timeout", stalledMs: 100 });
    expect(circuit.inspect().counts.total).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it("gives the answer that has arrived meanwhile a turn to be read", async () => {
    const { clock, circuit, running, answer } = await start();
    clock.stall(5_000);
    await clock.advance(0);
    answer();
    expect(await running).toMatchObject({ ok: true, value: "the answer" });
    expect(circuit.inspect().counts.successes).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it("is not counted either if that was in the first half of the time", async () => {
    const { clock, circuit, running } = await start();
    clock.stall(60);
    await clock.advance(40);
    expect(await timedOut(running)).toMatchObject({ stalledMs: 10 });
    expect(failures(circuit)).toBe(0);
  });

  it("is not counted after a night in which the machine slept", async () => {
    const { clock, circuit, running } = await start();
    await clock.advance(70);
    clock.stall(8 * 3_600_000);
    await clock.advance(1);
    await timedOut(running);
    expect(failures(circuit)).toBe(0);
  });

  it("is counted if it was less than a tenth of the time", async () => {
    const { clock, circuit, running } = await start();
    clock.stall(59);
    await clock.advance(41);
    expect((await timedOut(running)).stalledMs).toBeUndefined();
    expect(failures(circuit)).toBe(1);
  });

  it("is counted if it has not", async () => {
    const { clock, circuit, running } = await start();
    await clock.advance(100);
    await timedOut(running);
    expect(failures(circuit)).toBe(1);
  });

  it("is counted when asked to", async () => {
    const { clock, circuit, running } = await start({ ignoreStalls: false });
    clock.stall(150);
    await clock.advance(1);
    expect((await timedOut(running)).stalledMs).toBeUndefined();
    expect(failures(circuit)).toBe(1);
  });
});
