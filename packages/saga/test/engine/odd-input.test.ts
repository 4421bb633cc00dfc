import { InvalidOptionError } from "@dp/core";
import { describe, expect, it } from "vitest";
import {
  createOrchestrator,
  memoryStore,
  NotDone,
  Rejected,
  saga,
  ShapeError,
  type OrchestratorOptions,
} from "@dp/saga";
import { createScene, failureOf, story } from "./scene.ts";

const nothing = (): undefined => undefined;

describe("a step that throws something strange", () => {
  it.each([
    ["an object without a prototype", Object.create(null) as unknown],
    [
      "an object that cannot be made text",
      {
        toString: () => {
          throw new Error("no");
        },
      },
    ],
    [
      "an error whose message is no text",
      Object.assign(new Error(), { message: { deep: 1 }, name: 5 }),
    ],
    ["undefined", undefined],
  ])("fails like any other: %s", async (_name, thrown) => {
    const definition = saga("odd")
      .step("a", {
        execute: () => {
          throw thrown;
        },
        retry: { attempts: 1 },
      })
      .result(nothing);
    const { orchestrator } = await createScene([definition]);
    const handle = await orchestrator.start(definition, "r", undefined);
    expect(await failureOf(handle.result())).toMatchObject({
      reason: "failed",
      step: "a",
    });
  });

  it("waits a year at most, whatever it is told", async () => {
    const definition = saga("later")
      .step("a", {
        execute: () => {
          throw new NotDone("later", { retryAfter: Infinity });
        },
      })
      .result(nothing);
    const { orchestrator, clock } = await createScene([definition]);
    await orchestrator.start(definition, "r", undefined);
    await clock.advance(1);
    const [, , err] = await orchestrator.admin.journal("r");
    expect(err).toMatchObject({ kind: "err", retryInMs: 365 * 86_400_000 });
  });
});

describe("a step that can only be asked about", () => {
  it("is asked for as long as it takes after the pivot, without being taken for poison", async () => {
    let isBack = false;
    const definition = saga("patient")
      .pivot("p", { execute: nothing })
      .step("a", {
        execute: () => {
          throw new Error("cut");
        },
        find: () => {
          if (!isBack) throw new Error("down");
          return null;
        },
        retry: { attempts: 2, backoff: 2_000 },
      })
      .result(() => "done");
    const { orchestrator, clock } = await createScene([definition]);
    const handle = await orchestrator.start(definition, "r", undefined);
    await clock.advance(60_000);
    expect(await handle.status()).toMatchObject({ state: "running" });
    isBack = true;
    await clock.advance(3_000);
    expect(await handle.result()).toBe("done");
  });

  it("waits for a person with onUnknown: park when find cannot tell", async () => {
    const definition = saga("parked")
      .step("a", {
        execute: () => {
          throw new Error("cut");
        },
        find: () => {
          throw new Error("down");
        },
        compensate: nothing,
        onUnknown: "park",
        retry: { attempts: 2, backoff: 10 },
      })
      .result(nothing);
    const { orchestrator, clock } = await createScene([definition]);
    const handle = await orchestrator.start(definition, "r", undefined);
    await clock.advance(1_000);
    expect(await handle.status()).toMatchObject({
      state: "stuck",
      stuck: { reason: "unknown", steps: ["a"] },
    });
  });
});

describe("a person", () => {
  it("hears that a run that has to go backward calls nothing again, and that it needs resolve", async () => {
    const definition = saga("torn")
      .parallel((group) =>
        group
          .step("a", {
            execute: () => {
              throw new Rejected();
            },
          })
          .step("b", {
            execute: () => {
              throw new Error("cut");
            },
            compensate: nothing,
            onUnknown: "park",
          }),
      )
      .result(nothing);
    const { orchestrator, clock, events } = await createScene([definition]);
    const handle = await orchestrator.start(definition, "r", undefined);
    await clock.advance(1);
    expect(await handle.status()).toMatchObject({ state: "stuck" });
    const { admin } = orchestrator;
    await expect(admin.retry("r")).rejects.toThrow("say by resolve()");
    await admin.resolve("r", "b", { done: false, by: "ann" });
    await clock.advance(1_000);
    expect(await handle.status()).toMatchObject({ state: "compensated" });
    expect(await story(orchestrator, "r")).toContain("admin.resolve b");
    // What people do is told like everything else.
    expect(events).toContainEqual({
      kind: "entry",
      id: "r",
      saga: "torn",
      entry: "admin.resolve",
      step: "b",
      state: "running",
    });
  });
});

describe("a definition that is not the one registered", () => {
  const one = saga("same").step("a", { execute: nothing }).result(nothing);
  const other = saga("same").step("b", { execute: nothing }).result(nothing);

  it("is not started", async () => {
    const { orchestrator } = await createScene([one]);
    const failure = await failureOf(orchestrator.start(other, "r", undefined));
    expect(ShapeError.is(failure)).toBe(true);
    expect(String(failure)).toContain("step 1 is a now and was b");
    expect((await orchestrator.handle("r").status()).state).toBe("unknown");
  });

  it("is not driven by a worker that knows other steps, which says so", async () => {
    const { clock, store, events } = await createScene([one]);
    const client = await createOrchestrator({
      store,
      sagas: [],
      clock,
      concurrency: 0,
    });
    const handle = await client.start(other, "r", undefined);
    await clock.advance(1_000);
    expect(await handle.status()).toMatchObject({ state: "running" });
    expect(events).toContainEqual(
      expect.objectContaining({ kind: "store-error", doing: "claim" }),
    );
  });
});

describe("callers without types", () => {
  const builder = saga("a").pivot("p", { execute: nothing }) as unknown as {
    pivot: (name: string, options: unknown) => unknown;
    parallel: (build: unknown) => unknown;
    step: (name: string, options?: unknown) => unknown;
  };
  const bad: readonly (readonly [string, () => unknown])[] = [
    ["a second pivot", () => builder.pivot("q", { execute: nothing })],
    ["a group after the pivot", () => builder.parallel(nothing)],
    ["a step without options", () => builder.step("b")],
    [
      "a find that is null",
      () => builder.step("b", { execute: nothing, find: null }),
    ],
    [
      "a retryIf that is no function",
      () => builder.step("b", { execute: nothing, retry: { retryIf: 5 } }),
    ],
  ];
  it.each(bad)("hear of %s", (_name, declare) => {
    expect(declare).toThrow(InvalidOptionError);
  });

  it.each<[string, object]>([
    ["no store", { sagas: [] }],
    ["no sagas", { store: memoryStore() }],
    ["a saga without result()", { store: memoryStore(), sagas: [builder] }],
    [
      "a poll that never comes",
      { store: memoryStore(), sagas: [], poll: Infinity },
    ],
  ])("hear of %s", async (_name, options) => {
    await expect(
      createOrchestrator(options as OrchestratorOptions),
    ).rejects.toThrow(InvalidOptionError);
  });
});
