import { describe, expect, it } from "vitest";
import { Rejected, saga, type SagaEvent } from "@dp/saga";
import { collect, createScene, failureOf, story } from "./scene.ts";

/** Its compensation fails until `isOpen`. */
const stubborn = () => {
  const desk = { isOpen: false, calls: 0 };
  const definition = saga("stubborn")
    .step("first", { execute: () => 1, compensate: () => undefined })
    .step("a", {
      execute: () => "A",
      compensate: () => {
        desk.calls++;
        if (!desk.isOpen) throw new Error("closed");
      },
      compensateRetry: { attempts: 2, backoff: 0 },
    })
    .step("b", {
      execute: () => {
        throw new Rejected();
      },
    })
    .result(() => 0);
  return { desk, definition };
};

const stuck = async () => {
  const { desk, definition } = stubborn();
  const scene = await createScene([definition]);
  const handle = await scene.orchestrator.start(definition, "r", undefined);
  await scene.clock.advance(100);
  expect(await handle.status()).toMatchObject({ state: "stuck" });
  return { ...scene, desk, handle, admin: scene.orchestrator.admin };
};

describe("a run whose compensation is stuck", () => {
  it("stays so: it is neither claimed nor ended by itself", async () => {
    const { clock, handle, desk } = await stuck();
    await clock.advance(3_600_000);
    expect(await handle.status()).toMatchObject({ state: "stuck" });
    expect(desk.calls).toBe(2);
  });

  it("goes on by retry with a budget as before", async () => {
    const { clock, handle, desk, admin } = await stuck();
    await admin.retry("r", { by: "ann", note: "the desk said so" });
    await clock.advance(1_000);
    expect(desk.calls).toBe(4);
    expect(await handle.status()).toMatchObject({ state: "stuck" });
    desk.isOpen = true;
    await admin.retry("r", { by: "ann" });
    await clock.advance(1_000);
    expect(await handle.status()).toMatchObject({ state: "compensated" });
    const seqs = (await admin.journal("r")).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, at) => at + 1));
  });

  it("goes on by resolve without the call, and the journal says who did it", async () => {
    const { clock, handle, desk, admin } = await stuck();
    await admin.resolve("r", "a", { done: true, by: "ann", note: "by hand" });
    await clock.advance(1_000);
    expect(desk.calls).toBe(2);
    expect(await failureOf(handle.result())).toMatchObject({
      code: "DP_SAGA_COMPENSATED",
    });
    const entry = (await admin.journal("r")).find(
      ({ kind }) => kind === "admin.resolve",
    );
    expect(entry).toMatchObject({ step: "a", by: "ann", note: "by hand" });
  });

  it("ends by abandon, which names what is left undone; a second time does nothing", async () => {
    const { handle, admin } = await stuck();
    const result = failureOf(handle.result());
    await admin.abandon("r", { by: "ann", note: "written off" });
    await admin.abandon("r", { by: "bob" });
    expect(await result).toMatchObject({
      code: "DP_SAGA_ABANDONED",
      leaked: ["first", "a"],
    });
    expect(await handle.status()).toMatchObject({
      state: "abandoned",
      leaked: ["first", "a"],
    });
  });

  it.each([
    ["resolve of a step that does not exist", "nobody", true, "no step nobody"],
    ["resolve of a step that is not in question", "b", true, "not in question"],
    ["a compensation that is not done", "a", false, "retry()"],
  ])("refuses %s", async (_what, step, done, why) => {
    const { admin, orchestrator } = await stuck();
    const before = await story(orchestrator, "r");
    const failure = await failureOf(
      admin.resolve("r", step, { done, by: "ann" }),
    );
    expect(failure).toMatchObject({ code: "DP_SAGA_REFUSED" });
    expect((failure as Error).message).toContain(why);
    expect(await story(orchestrator, "r")).toEqual(before);
  });

  it("asks who it is", async () => {
    const { admin } = await stuck();
    expect(await failureOf(admin.abandon("r", { by: "" }))).toMatchObject({
      code: "DP_INVALID_OPTION",
      option: "by",
    });
  });

  it("shows what going backward would do", async () => {
    const { admin } = await stuck();
    expect(await admin.plan("r")).toEqual({
      id: "r",
      state: "stuck",
      isPossible: true,
      units: [
        [
          {
            step: "a",
            action: "compensate",
            output: "A",
            key: "r:a:compensate",
          },
        ],
        [
          {
            step: "first",
            action: "compensate",
            output: 1,
            key: "r:first:compensate",
          },
        ],
      ],
    });
  });

  it("is found by state and by name", async () => {
    const { admin } = await stuck();
    const found = await collect(
      admin.list({ state: "stuck", name: "stubborn" }),
    );
    expect(found).toMatchObject([{ id: "r", state: "stuck", version: 1 }]);
    expect(await collect(admin.list({ name: "other" }))).toEqual([]);
  });
});

describe("a healthy run", () => {
  it("is not for people to retry or resolve", async () => {
    const fine = saga("fine")
      .step("a", { execute: () => new Promise<never>(() => undefined) })
      .result(() => 0);
    const { orchestrator, clock } = await createScene([fine]);
    const { admin } = orchestrator;
    await orchestrator.start(fine, "r", undefined);
    await clock.advance(1);
    for (const refused of [
      admin.retry("r"),
      admin.resolve("r", "a", { done: true, by: "ann" }),
    ])
      expect(await failureOf(refused)).toMatchObject({
        code: "DP_SAGA_REFUSED",
      });
    expect(await failureOf(admin.retry("nobody"))).toMatchObject({
      code: "DP_SAGA_UNKNOWN_RUN",
    });
  });

  it("can be abandoned: its call is told, and what it gives is not kept", async () => {
    const told: string[] = [];
    let finish: (value: string) => void = () => undefined;
    const fine = saga("fine")
      .step("a", {
        execute: ({ signal }) =>
          new Promise<string>((resolve) => {
            finish = resolve;
            signal.addEventListener("abort", () => told.push("a"));
          }),
      })
      .result(() => 0);
    const { orchestrator, clock } = await createScene([fine]);
    const handle = await orchestrator.start(fine, "r", undefined);
    const result = failureOf(handle.result());
    await clock.advance(1);
    await orchestrator.admin.abandon("r", { by: "ann" });
    finish("too late");
    expect(await result).toMatchObject({ leaked: ["a"] });
    expect(told).toEqual(["a"]);
    expect(await story(orchestrator, "r")).toEqual([
      "started",
      "intent a 1",
      "abandoned",
    ]);
  });
});

describe("a pivot", () => {
  const deciding = (find?: () => string | undefined) => {
    const calls: string[] = [];
    const world = { fails: true };
    const definition = saga("deciding")
      .step("a", { execute: () => 1, compensate: () => calls.push("undo a") })
      .pivot("p", {
        execute: (): string => {
          calls.push("p");
          if (world.fails) throw new Error("reset");
          return "P";
        },
        find:
          find &&
          (() => {
            calls.push("find");
            return find();
          }),
        retry: { attempts: 2, backoff: 0 },
      })
      .result(({ steps }) => steps.p);
    return { calls, world, definition };
  };

  it("that was Rejected sends the run backward", async () => {
    const undone: string[] = [];
    const refusing = saga("refusing")
      .step("a", { execute: () => 1, compensate: () => undone.push("a") })
      .pivot("p", {
        execute: () => {
          throw new Rejected();
        },
      })
      .result(() => 0);
    const { orchestrator } = await createScene([refusing]);
    const handle = await orchestrator.start(refusing, "r", undefined);
    await failureOf(handle.result());
    expect(undone).toEqual(["a"]);
  });

  it("of unknown outcome never goes backward by itself", async () => {
    const { calls, definition } = deciding();
    const { orchestrator, clock } = await createScene([definition]);
    const handle = await orchestrator.start(definition, "r", undefined);
    await clock.advance(60_000);
    expect(calls).toEqual(["p", "p"]);
    expect(await handle.status()).toMatchObject({
      state: "stuck",
      stuck: { reason: "unknown", steps: ["p"] },
    });
  });

  it("goes forward when a person says that it happened", async () => {
    const { definition } = deciding();
    const { orchestrator, clock } = await createScene([definition]);
    const handle = await orchestrator.start(definition, "r", undefined);
    await clock.advance(1_000);
    await orchestrator.admin.resolve("r", "p", {
      done: true,
      output: "seen",
      by: "ann",
    });
    await clock.advance(1_000);
    expect(await handle.result()).toBe("seen");
  });

  it("goes backward when a person says that it did not", async () => {
    const { calls, definition } = deciding();
    const { orchestrator, clock } = await createScene([definition]);
    const handle = await orchestrator.start(definition, "r", undefined);
    await clock.advance(1_000);
    await orchestrator.admin.resolve("r", "p", { done: false, by: "ann" });
    await clock.advance(1_000);
    expect(await failureOf(handle.result())).toMatchObject({ step: "p" });
    expect(calls).toEqual(["p", "p", "undo a"]);
  });

  it("is called again when a person says retry", async () => {
    const { world, definition } = deciding();
    const { orchestrator, clock } = await createScene([definition]);
    const handle = await orchestrator.start(definition, "r", undefined);
    await clock.advance(1_000);
    world.fails = false;
    await orchestrator.admin.retry("r");
    await clock.advance(1_000);
    expect(await handle.result()).toBe("P");
  });

  it.each([
    ["goes on if find knows it", "P", ["p", "find"], "completed"],
    [
      "goes backward if find says after the last attempt that it did not happen",
      undefined,
      ["p", "find", "p", "find", "undo a"],
      "compensated",
    ],
  ])("%s", async (_what, answer, expected, state) => {
    const { calls, definition } = deciding(() => answer);
    const { orchestrator, clock } = await createScene([definition]);
    const handle = await orchestrator.start(definition, "r", undefined);
    await clock.advance(1_000);
    expect(await handle.status()).toMatchObject({ state });
    expect(calls).toEqual(expected);
  });

  it("of which find cannot tell waits for a person", async () => {
    const { calls, definition } = deciding(() => {
      throw new Error("away");
    });
    const { orchestrator, clock } = await createScene([definition]);
    const handle = await orchestrator.start(definition, "r", undefined);
    await clock.advance(60_000);
    expect(calls).toEqual(["p", "find", "find"]);
    expect(await handle.status()).toMatchObject({ state: "stuck" });
  });
});

describe("a step after the pivot", () => {
  it("is tried until it succeeds, and alerts once when it has used up its attempts", async () => {
    let calls = 0;
    const lasting = saga("lasting")
      .pivot("p", { execute: () => 1 })
      .step("n", {
        execute: () => {
          if (++calls < 30) throw new Rejected("whatever it says");
        },
        retry: { attempts: 3, backoff: { initial: 100, max: "1s" } },
      })
      .result(() => "done");
    const { orchestrator, clock, events } = await createScene([lasting]);
    const handle = await orchestrator.start(lasting, "r", undefined);
    await clock.advance(60_000);
    expect(await handle.result()).toBe("done");
    expect(calls).toBe(30);
    const alerts = events.filter(
      (event: SagaEvent) => event.kind === "entry" && event.entry === "alert",
    );
    expect(alerts.length).toBe(1);
  });

  it("can be resolved by a person once it has alerted, as done only", async () => {
    const lasting = saga("lasting")
      .pivot("p", { execute: () => 1 })
      .step("n", {
        execute: (): string => {
          throw new Error("no");
        },
        retry: { attempts: 1, backoff: "10s" },
      })
      .result(({ steps }) => steps.n);
    const { orchestrator, clock } = await createScene([lasting]);
    const { admin } = orchestrator;
    const handle = await orchestrator.start(lasting, "r", undefined);
    await clock.advance(60_000);
    expect(
      await failureOf(admin.resolve("r", "n", { done: false, by: "ann" })),
    ).toMatchObject({ code: "DP_SAGA_REFUSED" });
    await admin.resolve("r", "n", { done: true, output: "ok", by: "ann" });
    await clock.advance(200);
    expect(await handle.result()).toBe("ok");
  });
});
