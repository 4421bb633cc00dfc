import { describe, expect, it } from "vitest";
import { Fatal, NotDone, RetryAfter, saga } from "@dp/saga";
import { createGate, createScene, failureOf, story } from "./scene.ts";

const three = saga<{ n: number }>("three")
  .step("a", { execute: ({ input }) => input.n + 1 })
  .step("b", { execute: ({ steps }) => steps.a * 10 })
  .pivot("c", { execute: ({ steps }) => ({ sum: steps.a + steps.b }) })
  .result(({ steps, input }) => ({ ...steps.c, n: input.n }));

describe("a run that goes well", () => {
  it("gives its result and ends completed", async () => {
    const { orchestrator } = await createScene([three]);
    const handle = await orchestrator.start(three, "r", { n: 1 });
    expect(await handle.result()).toEqual({ sum: 22, n: 1 });
    expect(await handle.status()).toEqual({
      id: "r",
      name: "three",
      version: 1,
      state: "completed",
    });
  });

  it("writes an intent before each call, together with the outcome before it", async () => {
    const commits: string[][] = [];
    const { orchestrator, store } = await createScene([three]);
    const start = store.start.bind(store);
    const append = store.append.bind(store);
    store.start = (run, entries, ...rest) => {
      commits.push(entries.map(({ kind }) => kind));
      return start(run, entries, ...rest);
    };
    store.append = (each) => {
      commits.push(each.entries.map(({ kind }) => kind));
      return append(each);
    };
    const handle = await orchestrator.start(three, "r", { n: 1 });
    await handle.result();
    expect(commits).toEqual([
      ["started", "intent"],
      ["ok", "intent"],
      ["ok", "intent"],
      ["ok", "completed"],
    ]);
  });

  it("is durable, its first intent too, before start resolves and before the step is called", async () => {
    const seen: string[][] = [];
    const once = saga("once")
      .step("a", {
        execute: async () => {
          seen.push(await story(scene.orchestrator, "r"));
        },
      })
      .result(() => "done");
    const scene = await createScene([once]);
    const handle = await scene.orchestrator.start(once, "r", undefined);
    await handle.result();
    expect(seen).toEqual([["started", "intent a 1"]]);
  });

  it("gives each call copies: what one changes no other sees", async () => {
    const meddling = saga<{ list: number[] }>("meddling")
      .step("a", {
        execute: ({ input }) => {
          input.list.push(2);
          return { at: new Date(0), input };
        },
      })
      .step("b", {
        execute: ({ input, steps }) => {
          steps.a.input.list.length = 0;
          return [input.list, steps.a.at];
        },
      })
      .result(({ input, steps }) => ({ input, ...steps }));
    const { orchestrator } = await createScene([meddling]);
    const handle = await orchestrator.start(meddling, "r", { list: [1] });
    expect(await handle.result()).toEqual({
      input: { list: [1] },
      a: { at: "1970-01-01T00:00:00.000Z", input: { list: [1, 2] } },
      b: [[1], "1970-01-01T00:00:00.000Z"],
    });
  });

  it("runs the steps of a group together and writes their intents at once", async () => {
    const gate = createGate();
    const group = saga("group")
      .parallel((g) =>
        g
          .step("a", { execute: () => gate.opened.then(() => "A") })
          .step("b", { execute: () => gate.open() })
          .step("c", { execute: ({ steps }) => Object.keys(steps as object) }),
      )
      .result(({ steps }) => [steps.a, steps.c]);
    const { orchestrator } = await createScene([group]);
    const handle = await orchestrator.start(group, "r", undefined);
    expect(await handle.result()).toEqual(["A", []]);
    expect((await story(orchestrator, "r")).slice(0, 4)).toEqual([
      "started",
      "intent a 1",
      "intent b 1",
      "intent c 1",
    ]);
  });

  it("completes although its result cannot be made, and says why to those who wait", async () => {
    const broken = saga("broken")
      .step("a", { execute: () => 1 })
      .result((): number => {
        throw new RangeError("no sum");
      });
    const { orchestrator } = await createScene([broken]);
    const handle = await orchestrator.start(broken, "r", undefined);
    expect(await failureOf(handle.result())).toMatchObject({
      name: "RangeError",
      message: "no sum",
    });
    expect(await handle.status()).toMatchObject({ state: "completed" });
  });
});

describe("a step that fails", () => {
  const flaky = (errors: readonly Error[], attempts: number) => {
    const calls: { attempt: number; key: string }[] = [];
    const definition = saga("flaky")
      .step("a", {
        execute: ({ attempt, key }) => {
          const error = errors[calls.length];
          calls.push({ attempt, key });
          if (error !== undefined) throw error;
          return "ok";
        },
        retry: { attempts, backoff: { initial: 100, jitter: "none" } },
      })
      .result(({ steps }) => steps.a);
    return { definition, calls };
  };

  it("is called again with the same key after its backoff", async () => {
    const { definition, calls } = flaky([new Error("1"), new Error("2")], 3);
    const { orchestrator, clock } = await createScene([definition]);
    const handle = await orchestrator.start(definition, "r", undefined);
    await clock.advance(99);
    expect(calls.length).toBe(1);
    await clock.advance(1);
    expect(calls.length).toBe(2);
    await clock.advance(199);
    expect(calls.length).toBe(2);
    await clock.advance(1);
    expect(await handle.result()).toBe("ok");
    expect(calls).toEqual(
      [1, 2, 3].map((attempt) => ({ attempt, key: "r:a:execute" })),
    );
  });

  it.each<[string, Error]>([
    ["NotDone", new NotDone("busy", { retryAfter: "5s" })],
    ["RetryAfter", new RetryAfter("5s")],
  ])("waits at least as long as %s asks for", async (_name, error) => {
    const { definition, calls } = flaky([error], 3);
    const { orchestrator, clock } = await createScene([definition]);
    const handle = await orchestrator.start(definition, "r", undefined);
    await clock.advance(4_999);
    expect(calls.length).toBe(1);
    // The run was given back meanwhile; it is claimed with the next poll.
    await clock.advance(201);
    expect(await handle.result()).toBe("ok");
    const epochs = (await orchestrator.admin.journal("r")).map(
      ({ epoch }) => epoch,
    );
    expect(epochs).toEqual([1, 1, 1, 2, 2, 2]);
  });

  it.each([
    ["after its last attempt", [new Error("1"), new Error("2")], 2, 2],
    ["at once for Fatal", [new Fatal("broken")], 5, 1],
  ])("fails for good %s", async (_when, errors, attempts, expected) => {
    const { definition, calls } = flaky(errors, attempts);
    const { orchestrator, clock } = await createScene([definition]);
    const handle = await orchestrator.start(definition, "r", undefined);
    const failure = failureOf(handle.result());
    await clock.advance(1_000);
    expect(await failure).toMatchObject({
      code: "DP_SAGA_COMPENSATED",
      step: "a",
      reason: "failed",
    });
    expect(calls.length).toBe(expected);
  });

  it("is not called again when retryIf says no, and is when retryIf fails itself", async () => {
    const { orchestrator, clock } = await createScene([]);
    const calls: string[] = [];
    const choosing = saga("choosing")
      .step("a", {
        execute: ({ input }) => {
          calls.push(String(input));
          throw new Error(String(input));
        },
        retry: {
          attempts: 2,
          retryIf: (error) => {
            if ((error as Error).message === "odd") throw error;
            return false;
          },
        },
      })
      .result(() => 0);
    await orchestrator.close();
    const scene = await createScene([choosing]);
    const no = await scene.orchestrator.start(choosing, "no", "no");
    const odd = await scene.orchestrator.start(choosing, "odd", "odd");
    const ends = Promise.all([no, odd].map((each) => failureOf(each.result())));
    await scene.clock.advance(1_000);
    await ends;
    expect(calls).toEqual(["no", "odd", "odd"]);
    expect(clock.pending).toBe(0);
  });

  it.each([
    ["a bigint", () => 1n],
    [
      "a cycle",
      () => {
        const cycle: { self?: unknown } = {};
        cycle.self = cycle;
        return cycle;
      },
    ],
    ["a function", () => (): number => 1],
    ["more bytes than maxPayload", () => "ä".repeat(60)],
  ])(
    "whose output is %s happened and is compensated",
    async (_what, execute) => {
      const undone: unknown[] = [];
      const heavy = saga("heavy")
        .step("a", {
          execute: execute as () => string,
          compensate: ({ output, cause }) =>
            undone.push([output, cause.message]),
        })
        .result(() => 0);
      const { orchestrator } = await createScene([heavy], { maxPayload: 100 });
      const handle = await orchestrator.start(heavy, "r", undefined);
      expect(await failureOf(handle.result())).toMatchObject({ step: "a" });
      expect(undone).toEqual([
        [undefined, expect.stringContaining("the output cannot be kept")],
      ]);
    },
  );
});
