import { describe, expect, it } from "vitest";
import { ManualClock } from "@dp/core/testing";
import {
  createOrchestrator,
  Rejected,
  saga,
  type OnUnknown,
  type SagaDefinition,
} from "@dp/saga";
import { createScene, failureOf, story, type Scene } from "./scene.ts";

const forever = new Promise<never>(() => undefined);

/** Starts a run on a worker that dies in the call it makes then; the scene's own worker takes over. */
const dieIn = async (
  scene: Scene,
  definition: SagaDefinition,
): Promise<void> => {
  const dead = await createOrchestrator({
    store: scene.store,
    sagas: [definition],
    clock: new ManualClock(),
    lease: "1s",
  });
  await dead.start(definition, "r", undefined);
  await scene.clock.advance(2_000);
};

interface World {
  readonly calls: string[];
  isFirst: boolean;
}

/** Dies in the first call of `a`; `b` fails if told so. */
const dying = (
  world: World,
  options: {
    readonly onUnknown?: OnUnknown;
    readonly find?: () => string | undefined;
    readonly rejects?: boolean;
  } = {},
): SagaDefinition => {
  const { onUnknown, find, rejects = false } = options;
  const execute = ({
    attempt,
  }: {
    attempt: number;
  }): string | Promise<string> => {
    world.calls.push(`a ${attempt}`);
    if (world.isFirst) {
      world.isFirst = false;
      return forever;
    }
    if (rejects) throw new Rejected();
    return "A";
  };
  const compensate = ({ output }: { output: string | undefined }): void =>
    void world.calls.push(`undo ${output ?? "?"}`);
  const builder = saga<unknown>("dying");
  const declared =
    find === undefined
      ? builder.step("a", { execute, compensate, onUnknown })
      : builder.step("a", {
          execute,
          compensate,
          onUnknown,
          find: () => {
            world.calls.push("find");
            return find();
          },
        });
  return declared.result(({ steps }) => steps.a);
};

const setUp = async (options: Parameters<typeof dying>[1]) => {
  const world: World = { calls: [], isFirst: true };
  const definition = dying(world, options);
  const scene = await createScene([definition], { lease: "1s" });
  await dieIn(scene, definition);
  return { world, scene, handle: scene.orchestrator.handle("r") };
};

describe("a step whose process died during the call", () => {
  it("is called again with the same attempt: a crash is not one", async () => {
    const { world, handle, scene } = await setUp({});
    expect(await handle.result()).toBe("A");
    expect(world.calls).toEqual(["a 1", "a 1"]);
    expect(await story(scene.orchestrator, "r")).toEqual([
      "started",
      "intent a 1",
      "ok a 1",
      "completed",
    ]);
  });

  it("is compensated when the repeated call is Rejected: the first one may have happened", async () => {
    const { world, handle } = await setUp({ rejects: true });
    await failureOf(handle.result());
    expect(world.calls).toEqual(["a 1", "a 1", "undo ?"]);
  });

  it("is not called again if find knows it", async () => {
    const { world, handle } = await setUp({ find: () => "found" });
    expect(await handle.result()).toBe("found");
    expect(world.calls).toEqual(["a 1", "find"]);
  });

  it("is called again if find says that it did not happen", async () => {
    const { world, handle } = await setUp({ find: () => undefined });
    expect(await handle.result()).toBe("A");
    expect(world.calls).toEqual(["a 1", "find", "a 1"]);
  });

  it("is not owed a compensation for a call that find says did not happen", async () => {
    const { world, handle } = await setUp({
      find: () => undefined,
      rejects: true,
    });
    await failureOf(handle.result());
    expect(world.calls).toEqual(["a 1", "find", "a 1"]);
  });

  it("is compensated when find cannot tell for as long as the budget lasts, and find is asked again then", async () => {
    let asked = 0;
    const { world, handle, scene } = await setUp({
      find: () => {
        if (++asked <= 3) throw new Error("away");
        return "found";
      },
    });
    const failure = failureOf(handle.result());
    await scene.clock.advance(5_000);
    await failure;
    expect(world.calls).toEqual([
      "a 1",
      ...Array.from({ length: 4 }, () => "find"),
      "undo found",
    ]);
  });

  it("goes backward at once with onUnknown: compensate", async () => {
    const { world, handle } = await setUp({ onUnknown: "compensate" });
    expect(await failureOf(handle.result())).toMatchObject({
      step: "a",
      cause: { name: "UnknownOutcome" },
    });
    expect(world.calls).toEqual(["a 1", "undo ?"]);
  });

  it("waits for a person with onUnknown: park", async () => {
    const { world, handle, scene } = await setUp({ onUnknown: "park" });
    expect(await handle.status()).toMatchObject({
      state: "stuck",
      stuck: { reason: "unknown", steps: ["a"] },
    });
    await scene.orchestrator.admin.resolve("r", "a", {
      done: true,
      output: "by hand",
      by: "ann",
    });
    await scene.clock.advance(200);
    expect(await handle.result()).toBe("by hand");
    expect(world.calls).toEqual(["a 1"]);
  });

  it("goes backward without a compensation when the person says that it did not happen", async () => {
    const { world, handle, scene } = await setUp({ onUnknown: "park" });
    await scene.orchestrator.admin.resolve("r", "a", {
      done: false,
      by: "ann",
    });
    await scene.clock.advance(200);
    expect(await failureOf(handle.result())).toMatchObject({ step: "a" });
    expect(world.calls).toEqual(["a 1"]);
  });

  it("is called again when the person says retry", async () => {
    const { world, handle, scene } = await setUp({ onUnknown: "park" });
    await scene.orchestrator.admin.retry("r", { by: "ann" });
    await scene.clock.advance(200);
    expect(await handle.result()).toBe("A");
    expect(world.calls).toEqual(["a 1", "a 1"]);
  });
});

describe("an attempt that ended nobody knows how", () => {
  it("is looked up before the next one", async () => {
    const calls: string[] = [];
    const asking = saga("asking")
      .step("a", {
        execute: (): string => {
          calls.push("a");
          throw new Error("reset");
        },
        find: () => {
          calls.push("find");
          return "found";
        },
        retry: { backoff: 0 },
      })
      .result(({ steps }) => steps.a);
    const { orchestrator, clock } = await createScene([asking]);
    const handle = await orchestrator.start(asking, "r", undefined);
    await clock.advance(10);
    expect(await handle.result()).toBe("found");
    expect(calls).toEqual(["a", "find"]);
  });

  it("is skipped on the way back when find says that it did not happen", async () => {
    const calls: string[] = [];
    const asking = saga("asking")
      .step("a", {
        execute: (): string => {
          throw new Error("reset");
        },
        find: () => undefined,
        compensate: () => calls.push("undo"),
        retry: { attempts: 1 },
      })
      .result(({ steps }) => steps.a);
    const { orchestrator } = await createScene([asking]);
    const handle = await orchestrator.start(asking, "r", undefined);
    await failureOf(handle.result());
    expect(calls).toEqual([]);
    expect((await story(orchestrator, "r")).slice(-4)).toEqual([
      "compensating a",
      "find a",
      "compensate.skip a",
      "compensated",
    ]);
  });

  it("is not repeated with onUnknown: compensate, however many attempts are left", async () => {
    const calls: string[] = [];
    const once = saga("once")
      .step("a", {
        execute: () => {
          calls.push("a");
          throw new Error("reset");
        },
        compensate: () => calls.push("undo"),
        onUnknown: "compensate",
      })
      .result(() => 0);
    const { orchestrator } = await createScene([once]);
    const handle = await orchestrator.start(once, "r", undefined);
    await failureOf(handle.result());
    expect(calls).toEqual(["a", "undo"]);
  });
});

describe("a call that takes too long", () => {
  it("is told, given the grace, and counts as unknown after it", async () => {
    const calls: string[] = [];
    const hanging = saga("hanging")
      .step("a", {
        execute: ({ attempt, signal }) => {
          calls.push(`a ${attempt}`);
          if (attempt > 1) return "A";
          signal.addEventListener("abort", () =>
            calls.push((signal.reason as Error).name),
          );
          return forever;
        },
        timeout: "1s",
        retry: { backoff: 0 },
      })
      .result(({ steps }) => steps.a);
    const { orchestrator, clock } = await createScene([hanging], {
      grace: "2s",
    });
    const handle = await orchestrator.start(hanging, "r", undefined);
    await clock.advance(1_000);
    expect(calls).toEqual(["a 1", "TimeoutError"]);
    await clock.advance(2_000);
    await clock.advance(1);
    expect(await handle.result()).toBe("A");
    const journal = await orchestrator.admin.journal("r");
    expect(journal[2]).toMatchObject({
      kind: "err",
      effect: "unknown",
      error: { name: "TimeoutError" },
    });
  });

  it("counts as done if it is done within the grace", async () => {
    const late = saga("late")
      .step("a", {
        execute: ({ signal }) =>
          new Promise<string>((resolve) => {
            signal.addEventListener("abort", () => resolve("just so"));
          }),
        timeout: "1s",
      })
      .result(({ steps }) => steps.a);
    const { orchestrator, clock } = await createScene([late]);
    const handle = await orchestrator.start(late, "r", undefined);
    await clock.advance(1_000);
    expect(await handle.result()).toBe("just so");
  });
});
