import { getEventListeners } from "node:events";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { pipeline, timeout, type CallContext } from "./index.ts";

const make = () => {
  const clock = new ManualClock();
  return { clock, guarded: pipeline({ clock }, timeout(100)) };
};

const never = (): Promise<never> => new Promise(() => undefined);

/** The rejections that nobody handled while `action` ran. */
const unhandled = async (action: () => Promise<void>): Promise<unknown[]> => {
  const reasons: unknown[] = [];
  const listener = (reason: unknown): void => void reasons.push(reason);
  process.on("unhandledRejection", listener);
  try {
    await action();
    await new ManualClock().advance(0);
    return reasons;
  } finally {
    process.off("unhandledRejection", listener);
  }
};

describe("a timeout", () => {
  it("hands on what comes in time and leaves no timer", async () => {
    const { clock, guarded } = make();
    await expect(guarded.run(() => 1)).resolves.toBe(1);
    await expect(
      guarded.run(() => Promise.reject(new Error("own"))),
    ).rejects.toThrow("own");
    expect(clock.pending).toBe(0);
  });

  it("ends a call that takes too long with a ResilienceError", async () => {
    const { clock, guarded } = make();
    const running = guarded.try(never);
    await clock.advance(99);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    expect(await running).toMatchObject({
      error: {
        code: "DP_BREAKER_TIMEOUT",
        kind: "timeout",
        policy: "timeout",
        message: "DP_BREAKER_TIMEOUT: timeout: no result after 100 ms",
      },
    });
    expect(clock.pending).toBe(0);
  });

  it("aborts the operation with that error as the reason", async () => {
    const { clock, guarded } = make();
    let signal: AbortSignal | undefined;
    const running = guarded.try((context) => {
      signal = context.signal;
      return never();
    });
    await clock.advance(100);
    const { error } = (await running) as { error: unknown };
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toBe(error);
  });

  it("never aborts after the call has ended", async () => {
    const { clock, guarded } = make();
    const controller = new AbortController();
    const contexts: CallContext[] = [];
    const keep = (context: CallContext): void => void contexts.push(context);
    const { signal } = controller;
    await guarded.run(keep, { signal });
    await guarded
      .run(
        (context) => {
          keep(context);
          throw new Error("failed");
        },
        { signal },
      )
      .catch(() => null);
    controller.abort();
    await clock.advance(1_000);
    expect(contexts.map((context) => context.signal.aborted)).toEqual([
      false,
      false,
    ]);
  });

  it("gives a call up with the caller's reason when the caller aborts", async () => {
    const { clock, guarded } = make();
    const controller = new AbortController();
    let inner: AbortSignal | undefined;
    const running = guarded.try(
      (context) => {
        inner = context.signal;
        return never();
      },
      { signal: controller.signal },
    );
    const reason = new Error("the user left");
    controller.abort(reason);
    expect(await running).toEqual({ ok: false, error: reason });
    expect(inner?.reason).toBe(reason);
    expect(clock.pending).toBe(0);
  });

  it("leaves no listener on a signal that lives long", async () => {
    const { clock, guarded } = make();
    const { signal } = new AbortController();
    const listeners = (): number => getEventListeners(signal, "abort").length;
    await guarded.run(() => 1, { signal });
    await guarded
      .run(() => Promise.reject(new Error("x")), { signal })
      .catch(() => null);
    const late = guarded.try(never, { signal });
    expect(listeners()).toBe(1);
    await clock.advance(100);
    await late;
    expect(listeners()).toBe(0);
  });

  it("takes a call that throws at once for one that rejects", async () => {
    const { clock, guarded } = make();
    const running = guarded.run(() => {
      throw new Error("at once");
    });
    await expect(running).rejects.toThrow("at once");
    expect(clock.pending).toBe(0);
  });

  it("leaves no unhandled rejection when the call fails after it was given up", async () => {
    const { clock, guarded } = make();
    const reasons = await unhandled(async () => {
      const running = guarded.try(async () => {
        await clock.sleep(200);
        throw new Error("too late to matter");
      });
      await clock.advance(100);
      expect(await running).toMatchObject({ ok: false });
      await clock.advance(100);
    });
    expect(reasons).toEqual([]);
  });

  it("does not begin a call when the signal has aborted before", async () => {
    const { clock } = make();
    let called = false;
    const aborted = AbortSignal.abort(new Error("the user left"));
    const execution = timeout(100).execute(
      () => {
        called = true;
      },
      {
        signal: aborted,
        attempt: 1,
        deadlineMs: Infinity,
        remainingMs: () => Infinity,
      },
    );
    await expect(execution).rejects.toThrow("the user left");
    expect(called).toBe(false);
    expect(clock.pending).toBe(0);
  });
});

describe("the deadline of a call", () => {
  it("is set by the first timeout, and left alone by those further in", async () => {
    const clock = new ManualClock();
    await clock.advance(1_000);
    const guarded = pipeline({ clock }, timeout("2s"), timeout(600));
    await guarded.run((context) => {
      expect(context.deadlineMs).toBe(3_000);
      expect(context.remainingMs()).toBe(2_000);
    });
  });

  it("is the nearer of the caller's and the first timeout's", async () => {
    const { guarded } = make();
    const deadlines: number[] = [];
    const keep = (context: CallContext): void =>
      void deadlines.push(context.deadlineMs);
    await guarded.run(keep, { deadline: 40 });
    await guarded.run(keep, { deadline: "1s" });
    expect(deadlines).toEqual([40, 100]);
  });

  it("cuts a timeout further in", async () => {
    const clock = new ManualClock();
    const guarded = pipeline({ clock }, timeout(100), timeout(5_000));
    const running = guarded.try(never);
    await clock.advance(100);
    expect(await running).toMatchObject({ error: { kind: "timeout" } });
    expect(clock.pending).toBe(0);
  });

  it("ends the call also where there is no timeout policy", async () => {
    const clock = new ManualClock();
    const running = pipeline({ clock }).try(never, { deadline: "3s" });
    await clock.advance(3_000);
    expect(await running).toMatchObject({
      error: { kind: "timeout", policy: "deadline" },
    });
  });

  it("refuses a call that would begin past it", async () => {
    const { guarded, clock } = make();
    let called = false;
    const call = (): void => {
      called = true;
    };
    await expect(guarded.run(call, { deadline: 0 })).rejects.toMatchObject({
      kind: "timeout",
      message:
        "DP_BREAKER_TIMEOUT: deadline: the deadline had passed before the call",
    });
    expect(called).toBe(false);
    expect(clock.pending).toBe(0);
  });
});

describe("timeout options", () => {
  it("are refused when out of bounds", () => {
    expect(() => timeout(0)).toThrow(
      "timeout must be a duration of at least 1 ms",
    );
    expect(() => timeout("soon" as never)).toThrow("timeout must be");
    expect(() => timeout(5, { name: "" })).toThrow("name must be");
  });
});
