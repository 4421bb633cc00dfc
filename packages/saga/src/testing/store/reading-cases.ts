import assert from "node:assert/strict";
import {
  ann,
  append,
  bob,
  claim,
  headOf,
  idsOf,
  start,
  started,
  type StoreCase,
} from "./store-case.ts";

export const readingCases: readonly StoreCase[] = [
  {
    name: "a cancel is accepted, makes the run due at once and is told to who claims it",
    run: async (scene) => {
      await start(scene, "r", ann);
      await append(scene, "r", [{ kind: "err", step: "a" }], {
        releaseInMs: 60_000,
      });
      assert.equal(await scene.store.requestCancel("r", "why"), "accepted");
      const [run] = await claim(scene, bob);
      assert.equal(run?.cancel, "why");
    },
  },
  {
    name: "the first of two accepted cancels gives the reason",
    run: async (scene) => {
      await start(scene, "r", ann);
      assert.equal(await scene.store.requestCancel("r", "first"), "accepted");
      assert.equal(await scene.store.requestCancel("r", "second"), "accepted");
      assert.deepEqual(await scene.store.cancels("ann"), [
        { id: "r", reason: "first" },
      ]);
    },
  },
  {
    name: "a cancel is answered by the gate, by the end, or by not being known",
    run: async (scene) => {
      for (const gate of ["too-late", "already-compensating"] as const) {
        await start(scene, gate, ann);
        await append(scene, gate, [{ kind: "ok" }], { gate });
        assert.equal(await scene.store.requestCancel(gate, ""), gate);
      }
      await start(scene, "ended", ann);
      await append(scene, "ended", [{ kind: "completed" }], {
        state: "completed",
      });
      assert.equal(await scene.store.requestCancel("ended", ""), "final");
      assert.equal(await scene.store.requestCancel("nobody", ""), "unknown");
    },
  },
  {
    name: "cancels tells a worker of the runs it holds, and of no others",
    run: async (scene) => {
      await start(scene, "mine", ann);
      await start(scene, "his", bob);
      await start(scene, "fine", ann);
      await scene.store.requestCancel("mine", "a");
      await scene.store.requestCancel("his", "b");
      assert.deepEqual(await scene.store.cancels("ann"), [
        { id: "mine", reason: "a" },
      ]);
    },
  },
  {
    name: "read tells how a run stands without taking it",
    run: async (scene) => {
      await start(scene, "r", ann);
      await scene.clock.advance(4);
      await append(scene, "r", [{ kind: "ok", step: "a" }]);
      const { entries, ...summary } = (await scene.store.read("r")) ?? {
        entries: [],
      };
      assert.deepEqual(summary, {
        id: "r",
        name: "order",
        version: 1,
        state: "running",
        startedAtMs: 0,
        updatedAtMs: 4,
      });
      assert.equal(entries.length, 2);
      assert.equal(
        (await append(scene, "r", [{ kind: "ok" }], { seq: 2 })).kind,
        "appended",
      );
      assert.equal(await scene.store.read("nobody"), undefined);
    },
  },
  {
    name: "list gives runs in order of their ids, a page at a time",
    run: async (scene) => {
      for (const id of ["c", "a", "e", "b", "d"]) await start(scene, id);
      const { store } = scene;
      assert.deepEqual(idsOf(await store.list({ limit: 2 })), ["a", "b"]);
      assert.deepEqual(idsOf(await store.list({ limit: 2, after: "b" })), [
        "c",
        "d",
      ]);
      assert.deepEqual(idsOf(await store.list({ limit: 2, after: "d" })), [
        "e",
      ]);
      assert.deepEqual(await store.list({ limit: 2, after: "e" }), []);
    },
  },
  {
    name: "list looks for states and names",
    run: async (scene) => {
      await start(scene, "a", ann);
      await start(scene, "b", ann, { name: "other" });
      await append(scene, "b", [{ kind: "stuck" }], { state: "stuck" });
      await start(scene, "c", ann);
      await append(scene, "c", [{ kind: "completed" }], { state: "completed" });
      const find = async (query: object): Promise<readonly string[]> =>
        idsOf(await scene.store.list({ limit: 10, ...query }));
      assert.deepEqual(await find({}), ["a", "b", "c"]);
      assert.deepEqual(await find({ states: ["stuck", "completed"] }), [
        "b",
        "c",
      ]);
      assert.deepEqual(await find({ states: [] }), []);
      assert.deepEqual(await find({ name: "order" }), ["a", "c"]);
      assert.deepEqual(await find({ name: "order", states: ["stuck"] }), []);
    },
  },
  {
    name: "shapes tells each shape of runs that have not ended, with one of them",
    run: async (scene) => {
      await start(scene, "a");
      await start(scene, "b");
      await scene.store.start(
        headOf("c", { version: 2, shape: "x" }),
        [started],
        undefined,
        "open",
      );
      await start(scene, "d", ann, { shape: "gone" });
      await append(scene, "d", [{ kind: "completed" }], { state: "completed" });
      const shapes = await scene.store.shapes();
      assert.deepEqual(
        shapes.map(({ version, shape }) => `${version} ${shape}`).sort(),
        ["1 a > b", "2 x"],
      );
      assert(shapes.every(({ id }) => ["a", "b", "c"].includes(id)));
    },
  },
  {
    name: "open can be repeated",
    run: async (scene) => {
      await start(scene, "r");
      await scene.store.open();
      assert.equal((await scene.store.read("r"))?.id, "r");
    },
  },
  {
    name: "close lets what was asked for before be done, and refuses what comes after",
    run: async (scene) => {
      const before = start(scene, "r");
      const closed = scene.store.close();
      assert.equal((await before).kind, "started");
      await closed;
      await assert.rejects(start(scene, "s"), { code: "DP_SAGA_STORE" });
      await assert.rejects(scene.store.read("r"), { code: "DP_SAGA_STORE" });
      await scene.store.close();
    },
  },
];
