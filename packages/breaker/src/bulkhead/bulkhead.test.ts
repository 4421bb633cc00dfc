import { drainMicrotasks, ManualClock } from "@dp/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deferred, type Deferred } from "../../test/deferred.ts";
import { refusalOf } from "../../test/refusal-of.ts";
import { samplesOf } from "../../test/samples.ts";
import {
  bulkhead,
  fallback,
  pipeline,
  ResilienceError,
  timeout,
  type BulkheadOptions,
} from "../index.ts";

/** Calls by number, ended by the test. */
const make = (options: BulkheadOptions) => {
  const clock = new ManualClock();
  const limiter = bulkhead(options);
  const guarded = pipeline({ clock }, limiter);
  const started: number[] = [];
  const ends = new Map<number, Deferred<number>>();
  const call = (id: number, signal?: AbortSignal): Promise<number> =>
    guarded.run(
      () => {
        started.push(id);
        const end = deferred<number>();
        ends.set(id, end);
        return end.promise;
      },
      { signal },
    );
  const end = async (id: number): Promise<void> => {
    ends.get(id)?.resolve(id);
    await drainMicrotasks();
  };
  return { clock, limiter, started, call, end, ends };
};

describe("a bulkhead", () => {
  it("lets so many calls in and refuses the next", async () => {
    const { limiter, started, call, end } = make({ max: 2 });
    const running = [call(1), call(2)];
    expect(await refusalOf(call(3))).toBe(
      "full: bulkhead has 2 calls in flight, its maximum",
    );
    expect([limiter.inFlight, started]).toEqual([2, [1, 2]]);
    await end(1);
    running.push(call(4));
    await end(2);
    await end(4);
    expect(await Promise.all(running)).toEqual([1, 2, 4]);
    expect(limiter.inFlight).toBe(0);
  });

  it("gives the place back when the call fails, also before its first await", async () => {
    const { limiter } = make({ max: 1 });
    const guarded = pipeline(limiter);
    for (const fail of [
      () => Promise.reject(new Error("down")),
      () => {
        throw new Error("down");
      },
    ])
      await expect(guarded.run(fail)).rejects.toThrow("down");
    expect(limiter.inFlight).toBe(0);
  });

  it("hands a free place to the one that waited longest, before any newcomer", async () => {
    const { started, call, ends, limiter } = make({ max: 1, queue: 2 });
    const all = [call(1), call(2), call(3)];
    expect(limiter.waiting).toBe(2);
    // In the same moment as the first ends somebody new arrives.
    all.push((ends.get(1) as Deferred<number>).promise.then(() => call(4)));
    ends.get(1)?.resolve(1);
    await drainMicrotasks();
    expect(started).toEqual([1, 2]);
    ends.get(2)?.resolve(2);
    await drainMicrotasks();
    ends.get(3)?.resolve(3);
    await drainMicrotasks();
    ends.get(4)?.resolve(4);
    await Promise.allSettled(all);
    expect(started.slice(0, 3)).toEqual([1, 2, 3]);
  });

  it("serves the one that came last first when told so", async () => {
    const { started, call, end } = make({ max: 1, queue: 3, order: "lifo" });
    const all = [call(1), call(2), call(3), call(4)];
    for (const id of [1, 4, 3, 2]) await end(id);
    await Promise.all(all);
    expect(started).toEqual([1, 4, 3, 2]);
  });

  it("refuses the newcomer when the queue is full, in either order", async () => {
    for (const order of ["fifo", "lifo"] as const) {
      const { call, end } = make({ max: 1, queue: 1, order });
      const all = [call(1), call(2)];
      expect(await refusalOf(call(3))).toBe(
        "full: bulkhead has 1 calls in flight and 1 waiting, its maximum",
      );
      await end(1);
      await end(2);
      await Promise.all(all);
    }
  });

  it("refuses who has waited too long, and leaves no timer behind", async () => {
    const { clock, call, end, limiter } = make({
      name: "db",
      max: 1,
      queue: 5,
      maxWait: "1s",
    });
    const first = call(1);
    const second = refusalOf(call(2));
    await clock.advance(400);
    const third = call(3);
    await clock.advance(600);
    expect(await second).toBe(
      "full: db had no place for this call within 1000 ms",
    );
    await end(1);
    await end(3);
    expect(await Promise.all([first, third])).toEqual([1, 3]);
    expect([limiter.waiting, clock.pending]).toEqual([0, 0]);
  });

  it("lets one that waits leave at once when its caller gives up", async () => {
    const { call, end, limiter, started } = make({ max: 1, queue: 2 });
    const first = call(1);
    const leaver = new AbortController();
    const second = refusalOf(call(2, leaver.signal));
    const third = call(3);
    leaver.abort("gone");
    expect(await second).toBe("gone");
    expect(limiter.waiting).toBe(1);
    await end(1);
    await end(3);
    await Promise.all([first, third]);
    expect(started).toEqual([1, 3]);
  });

  it("does not keep a place in the queue for a call that is out of time", async () => {
    const { limiter, clock, call, end } = make({ max: 1, queue: 1 });
    const first = call(1);
    const late = pipeline({ clock }, timeout(100), limiter);
    const second = refusalOf(late.run(() => 2));
    await clock.advance(100);
    expect(await second).toBe("timeout: timeout: no result after 100 ms");
    expect(limiter.waiting).toBe(0);
    await end(1);
    expect(await first).toBe(1);
  });

  it("takes no place in the queue for a call that was aborted before", async () => {
    const { limiter, call, end } = make({ max: 1, queue: 1 });
    const first = call(1);
    const aborted = new AbortController();
    const waits = pipeline(
      {
        name: "late",
        execute: (next, context) => {
          aborted.abort("gone");
          return Promise.resolve(next(context));
        },
      },
      limiter,
    );
    const second = waits.run(() => 2, { signal: aborted.signal });
    expect(await refusalOf(second)).toBe("gone");
    expect(limiter.waiting).toBe(0);
    await end(1);
    await first;
  });

  it("is judged as saying nothing about the service, and a fallback sees it", async () => {
    const guarded = pipeline(
      fallback(() => "busy"),
      bulkhead({ max: 1 }),
    );
    const { promise, resolve } = deferred<string>();
    const first = guarded.run(() => promise);
    expect(await guarded.run(() => "no")).toBe("busy");
    resolve("yes");
    expect(await first).toBe("yes");
  });

  it("tells how many are in, wait and were refused", async () => {
    const { limiter, call, end, clock } = make({
      max: 1,
      queue: 1,
      maxWait: 10,
    });
    const first = call(1);
    const second = refusalOf(call(2));
    await refusalOf(call(3));
    expect(samplesOf(limiter)).toEqual({
      "bulkhead_in_flight bulkhead": 1,
      "bulkhead_waiting bulkhead": 1,
      "bulkhead_refused_total bulkhead queue": 1,
      "bulkhead_refused_total bulkhead wait": 0,
    });
    await clock.advance(10);
    await second;
    await end(1);
    await first;
    expect(samplesOf(limiter)).toEqual({
      "bulkhead_in_flight bulkhead": 0,
      "bulkhead_waiting bulkhead": 0,
      "bulkhead_refused_total bulkhead queue": 1,
      "bulkhead_refused_total bulkhead wait": 1,
    });
  });

  it("refuses options out of bounds", () => {
    expect(() => bulkhead({ max: 0 })).toThrow(
      "max must be an integer of at least 1, got 0",
    );
    expect(() => bulkhead({ max: 1, queue: -1 })).toThrow("queue must be");
    expect(() => bulkhead({ max: 1, maxWait: 0 })).toThrow("maxWait must be");
    expect(() => bulkhead({ max: 1, order: "any" as "fifo" })).toThrow(
      "order must be one of 'fifo', 'lifo', got \"any\"",
    );
  });
});

const steps = fc.array(
  fc.record({
    action: fc.constantFrom("call", "call", "end", "end", "abort", "wait"),
    n: fc.nat(8),
  }),
  { maxLength: 40 },
);

describe("a bulkhead and a list of everyone in it and before it", () => {
  it("let in, keep waiting and refuse the same calls, whatever happens", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          max: fc.integer({ min: 1, max: 3 }),
          queue: fc.nat(3),
          order: fc.constantFrom("fifo" as const, "lifo" as const),
        }),
        steps,
        async (options, trace) => {
          const maxWaitMs = 10;
          const scene = make({ ...options, maxWait: maxWaitMs });
          const inside: number[] = [];
          let waiting: { id: number; untilMs: number }[] = [];
          const modelStarted: number[] = [];
          const modelRefused: number[] = [];
          const refused: number[] = [];
          const aborts: AbortController[] = [];
          const start = (id: number): void => {
            inside.push(id);
            modelStarted.push(id);
          };
          const next = (): void => {
            const one =
              options.order === "fifo" ? waiting.shift() : waiting.pop();
            if (one !== undefined) start(one.id);
          };
          for (const { action, n } of trace) {
            if (action === "call") {
              const id = aborts.length;
              aborts.push(new AbortController());
              scene
                .call(id, aborts[id]?.signal)
                .catch((error: unknown) =>
                  ResilienceError.is(error) ? refused.push(id) : undefined,
                );
              const untilMs = scene.clock.now() + maxWaitMs;
              if (inside.length < options.max) start(id);
              else if (waiting.length < options.queue)
                waiting.push({ id, untilMs });
              else modelRefused.push(id);
            } else if (action === "end") {
              const id = inside[n];
              if (id === undefined) continue;
              inside.splice(n, 1);
              next();
              await scene.end(id);
            } else if (action === "abort") {
              const one = waiting[n];
              if (one === undefined) continue;
              waiting.splice(n, 1);
              aborts[one.id]?.abort();
            } else {
              await scene.clock.advance(n);
              const now = scene.clock.now();
              for (const { id, untilMs } of waiting)
                if (untilMs <= now) modelRefused.push(id);
              waiting = waiting.filter(({ untilMs }) => untilMs > now);
            }
            await drainMicrotasks();
            expect(scene.started).toEqual(modelStarted);
            // Those whose time is over at the same moment go in any order.
            expect(refused.toSorted()).toEqual(modelRefused.toSorted());
            expect(scene.limiter.inFlight).toBe(inside.length);
            expect(scene.limiter.waiting).toBe(waiting.length);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
