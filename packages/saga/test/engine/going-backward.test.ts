import { describe, expect, it } from "vitest";
import { Fatal, NotDone, Rejected, saga } from "@dp/saga";
import { createGate, createScene, failureOf, story } from "./scene.ts";

const never = { attempts: 1 } as const;

describe("a run that fails", () => {
  it("compensates what was done in reverse order, with outputs and cause", async () => {
    const undone: unknown[] = [];
    const trip = saga("trip")
      .step("a", {
        execute: () => "A",
        compensate: ({ output, key, forwardKey, attempt, cause }) => {
          undone.push({ output, key, forwardKey, attempt, why: cause.message });
        },
      })
      .step("look", { execute: () => "seen" })
      .step("b", {
        execute: () => "B",
        compensate: ({ output, steps }) => undone.push({ output, ...steps }),
      })
      .step("c", {
        execute: () => {
          throw new Rejected("no");
        },
        compensate: () => undone.push("c"),
      })
      .result(() => 0);
    const { orchestrator } = await createScene([trip]);
    const handle = await orchestrator.start(trip, "r", undefined);
    const failure = await failureOf(handle.result());
    expect(failure).toMatchObject({
      code: "DP_SAGA_COMPENSATED",
      step: "c",
      reason: "failed",
      cause: { name: "Rejected", code: "DP_SAGA_REJECTED" },
    });
    expect(undone).toEqual([
      { output: "B", a: "A", look: "seen" },
      {
        output: "A",
        key: "r:a:compensate",
        forwardKey: "r:a:execute",
        attempt: 1,
        why: "DP_SAGA_REJECTED: no",
      },
    ]);
    expect((await story(orchestrator, "r")).slice(-8)).toEqual([
      "err c 1",
      "compensating c",
      "compensate.intent b 1",
      "compensate.ok b 1",
      "compensate.skip look",
      "compensate.intent a 1",
      "compensate.ok a 1",
      "compensated",
    ]);
  });

  it.each([
    ["Rejected", () => new Rejected(), false],
    ["NotDone until the end", () => new NotDone(), false],
    ["Fatal", () => new Fatal(), true],
    ["any other error", () => new Error("reset"), true],
  ])(
    "compensates the failed step itself after %s: %#",
    async (_name, error, isOwed) => {
      const undone: unknown[] = [];
      const one = saga("one")
        .step("a", {
          execute: () => {
            throw error();
          },
          compensate: ({ output }) => undone.push(output),
          retry: never,
        })
        .result(() => 0);
      const { orchestrator } = await createScene([one]);
      const handle = await orchestrator.start(one, "r", undefined);
      await failureOf(handle.result());
      expect(undone).toEqual(isOwed ? [undefined] : []);
    },
  );

  it("still owes a compensation when a late Rejected follows an attempt nobody knows of", async () => {
    const undone: unknown[] = [];
    const late = saga("late")
      .step("a", {
        execute: ({ attempt }) => {
          throw attempt === 1 ? new Error("reset") : new Rejected();
        },
        compensate: ({ output }) => undone.push(output),
        retry: { backoff: 0 },
      })
      .result(() => 0);
    const { orchestrator, clock } = await createScene([late]);
    const handle = await orchestrator.start(late, "r", undefined);
    const failure = failureOf(handle.result());
    await clock.advance(10);
    expect(await failure).toMatchObject({ step: "a" });
    expect(undone).toEqual([undefined]);
  });

  it("lets every member of a group settle before it compensates any, and then all together", async () => {
    const slow = createGate();
    const order: string[] = [];
    const undo = createGate();
    const group = saga("group")
      .step("before", {
        execute: () => 0,
        compensate: () => order.push("undo before"),
      })
      .parallel((g) =>
        g
          .step("slow", {
            execute: async ({ signal }) => {
              signal.addEventListener("abort", () => order.push("told"));
              await slow.opened;
              order.push("slow is done");
              return "slow";
            },
            compensate: async ({ output }) => {
              order.push(`undo ${output ?? "?"}`);
              await undo.opened;
            },
          })
          .step("quick", {
            execute: () => "quick",
            compensate: ({ output }) => {
              order.push(`undo ${output ?? "?"}`);
              undo.open();
            },
          })
          .step("broken", {
            execute: () => {
              throw new Rejected();
            },
            compensate: () => order.push("undo broken"),
          }),
      )
      .result(() => 0);
    const { orchestrator, clock } = await createScene([group]);
    const handle = await orchestrator.start(group, "r", undefined);
    const failure = failureOf(handle.result());
    await clock.advance(100);
    expect(order).toEqual(["told"]);
    slow.open();
    await failure;
    expect(order).toEqual([
      "told",
      "slow is done",
      "undo slow",
      "undo quick",
      "undo before",
    ]);
  });

  it("has budgets of its own for compensations, and waits for a person when they are used up", async () => {
    let calls = 0;
    const sticky = saga("sticky")
      .step("a", {
        execute: () => "A",
        compensate: () => {
          calls++;
          throw new Error("the desk is closed");
        },
        compensateRetry: { attempts: 3, backoff: 100 },
      })
      .step("b", {
        execute: () => {
          throw new Error("no");
        },
        retry: { attempts: 2, backoff: 100 },
      })
      .result(() => 0);
    const { orchestrator, clock } = await createScene([sticky]);
    const handle = await orchestrator.start(sticky, "r", undefined);
    await clock.advance(10_000);
    expect(calls).toBe(3);
    expect(await handle.status()).toMatchObject({
      state: "stuck",
      stuck: {
        reason: "compensate",
        steps: ["a"],
        error: { name: "Error", message: "the desk is closed" },
      },
    });
  });
});

describe("a cancel", () => {
  const cancellable = () => {
    const gate = createGate();
    const order: string[] = [];
    const definition = saga("cancellable")
      .step("a", { execute: () => "A", compensate: () => order.push("undo a") })
      .step("b", {
        execute: async ({ signal }) => {
          signal.addEventListener("abort", () => order.push("told b"));
          await gate.opened;
          return "B";
        },
        compensate: ({ output }) => order.push(`undo b ${output ?? "?"}`),
      })
      .pivot("c", { execute: () => order.push("c") })
      .result(() => 0);
    return { gate, order, definition };
  };

  it("tells the call under way, waits for it, and compensates", async () => {
    const { gate, order, definition } = cancellable();
    const { orchestrator, clock } = await createScene([definition]);
    const handle = await orchestrator.start(definition, "r", undefined);
    await clock.advance(1);
    expect(await handle.cancel("changed my mind")).toBe("accepted");
    expect(await handle.cancel()).toBe("accepted");
    await clock.advance(1);
    expect(order).toEqual(["told b"]);
    gate.open();
    expect(await failureOf(handle.result())).toMatchObject({
      step: "c",
      reason: "cancelled",
      cause: { message: "changed my mind" },
    });
    expect(order).toEqual(["told b", "undo b B", "undo a"]);
    expect(await handle.cancel()).toBe("final");
  });

  it("does not wait for a call longer than the grace; nobody knows then whether it happened", async () => {
    const { order, definition } = cancellable();
    const { orchestrator, clock } = await createScene([definition], {
      grace: "2s",
    });
    const handle = await orchestrator.start(definition, "r", undefined);
    await clock.advance(1);
    await handle.cancel();
    await clock.advance(1_999);
    expect(order).toEqual(["told b"]);
    await clock.advance(2);
    await failureOf(handle.result());
    expect(order).toEqual(["told b", "undo b ?", "undo a"]);
  });

  it("is too late once the pivot's intent is written", async () => {
    const gate = createGate();
    const late = saga("late")
      .pivot("c", { execute: () => gate.opened })
      .result(() => "done");
    const { orchestrator, clock } = await createScene([late]);
    const handle = await orchestrator.start(late, "r", undefined);
    await clock.advance(1);
    expect(await handle.cancel()).toBe("too-late");
    gate.open();
    expect(await handle.result()).toBe("done");
  });

  it("before any intent ends the run without a call", async () => {
    const { order, definition } = cancellable();
    const scene = await createScene([definition], { concurrency: 0 });
    const handle = await scene.orchestrator.start(definition, "r", undefined);
    expect(await handle.cancel()).toBe("accepted");
    await scene.another({ concurrency: 8 });
    await scene.clock.advance(500);
    expect(await handle.status()).toMatchObject({ state: "compensated" });
    expect(order).toEqual([]);
    expect(await story(scene.orchestrator, "r")).toEqual([
      "started",
      "cancel",
      "compensating a",
      "compensated",
    ]);
  });

  it("reaches a run that another worker drives", async () => {
    const { gate, order, definition } = cancellable();
    const scene = await createScene([definition]);
    await scene.orchestrator.start(definition, "r", undefined);
    const client = await scene.another({ concurrency: 0 });
    await scene.clock.advance(1);
    const handle = client.handle("r");
    expect(await handle.cancel()).toBe("accepted");
    await scene.clock.advance(201);
    expect(order).toEqual(["told b"]);
    gate.open();
    const failure = failureOf(handle.result());
    await scene.clock.advance(201);
    expect(await failure).toMatchObject({ reason: "cancelled" });
  });

  it("knows no run it was never told of", async () => {
    const { orchestrator } = await createScene([]);
    expect(await orchestrator.handle("nobody").cancel()).toBe("unknown");
    expect(await orchestrator.handle("nobody").status()).toMatchObject({
      state: "unknown",
    });
    expect(
      await failureOf(orchestrator.handle("nobody").result()),
    ).toMatchObject({ code: "DP_SAGA_UNKNOWN_RUN" });
  });

  it("answers already-compensating while compensations run, and does not disturb them", async () => {
    const gate = createGate();
    const undoing = saga("undoing")
      .step("a", {
        execute: () => "A",
        compensate: async ({ signal }) => {
          await gate.opened;
          if (signal.aborted) throw new Error("disturbed");
        },
      })
      .step("b", {
        execute: () => {
          throw new Rejected();
        },
      })
      .result(() => 0);
    const { orchestrator, clock } = await createScene([undoing]);
    const handle = await orchestrator.start(undoing, "r", undefined);
    await clock.advance(1);
    expect(await handle.cancel()).toBe("already-compensating");
    gate.open();
    await failureOf(handle.result());
    expect(await handle.status()).toMatchObject({ state: "compensated" });
  });
});

describe("a deadline", () => {
  it("sends the run backward, and is void while it goes backward", async () => {
    const undone: string[] = [];
    const slow = saga("slow", { timeout: "10s" })
      .step("a", {
        execute: () => "A",
        compensate: ({ attempt }) => {
          if (attempt < 3) throw new Error("later");
          undone.push("a");
        },
        compensateRetry: { backoff: "20s" },
      })
      .step("b", {
        execute: ({ signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () =>
              reject(signal.reason as Error),
            );
          }),
        timeout: "1m",
        compensate: () => undone.push("b"),
      })
      .result(() => 0);
    const { orchestrator, clock } = await createScene([slow]);
    const handle = await orchestrator.start(slow, "r", undefined);
    const failure = failureOf(handle.result());
    await clock.advance(9_999);
    expect(undone).toEqual([]);
    await clock.advance(2);
    expect(undone).toEqual(["b"]);
    await clock.advance(60_000);
    expect(await failure).toMatchObject({ step: "b", reason: "deadline" });
    expect(undone).toEqual(["b", "a"]);
  });

  it("only alerts once the pivot has begun", async () => {
    const gate = createGate();
    const late = saga("late", { timeout: "1s" })
      .pivot("c", { execute: () => gate.opened })
      .result(() => "done");
    const { orchestrator, clock } = await createScene([late]);
    const handle = await orchestrator.start(late, "r", undefined);
    await clock.advance(5_000);
    gate.open();
    expect(await handle.result()).toBe("done");
    expect(await story(orchestrator, "r")).toEqual([
      "started",
      "intent c 1",
      "alert",
      "ok c 1",
      "completed",
    ]);
  });
});
