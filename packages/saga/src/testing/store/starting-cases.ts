import assert from "node:assert/strict";
import {
  ann,
  claim,
  headOf,
  kindsOf,
  start,
  started,
  type StoreCase,
} from "./store-case.ts";

export const startingCases: readonly StoreCase[] = [
  {
    name: "start makes a run with its entries, numbered from 1 under epoch 1, if somebody takes it",
    run: async (scene) => {
      await scene.clock.advance(5);
      const { store } = scene;
      const entries = [
        started,
        { kind: "intent", step: "a", attempt: 1 } as const,
      ];
      const answer = await store.start(headOf("r"), entries, ann, "open");
      assert.deepEqual(answer, { kind: "started", epoch: 1, atMs: 5 });
      assert.deepEqual((await store.read("r"))?.entries, [
        { ...entries[0], seq: 1, epoch: 1, atMs: 5 },
        { ...entries[1], seq: 2, epoch: 1, atMs: 5 },
      ]);
    },
  },
  {
    name: "start without a claimant leaves the run under epoch 0, due at once",
    run: async (scene) => {
      assert.deepEqual(await start(scene, "r"), {
        kind: "started",
        epoch: 0,
        atMs: 0,
      });
      const [run] = await claim(scene, ann);
      assert.equal(run?.epoch, 1);
      assert.equal(run.claims, 1);
    },
  },
  {
    name: "start of an id that exists changes nothing and tells what it was started with",
    run: async (scene) => {
      await start(scene, "r", ann);
      const again = await scene.store.start(
        headOf("r", { name: "other", version: 2 }),
        [{ kind: "started", payload: "2" }],
        undefined,
        "open",
      );
      assert.deepEqual(again, { kind: "exists", name: "order", input: "1" });
      const run = await scene.store.read("r");
      assert.equal(run?.version, 1);
      assert.deepEqual(await kindsOf(scene, "r"), ["started"]);
    },
  },
  {
    name: "start of an id that exists does so also when its run has ended",
    run: async (scene) => {
      await start(scene, "r", ann);
      await scene.store.append({
        id: "r",
        epoch: 1,
        seq: 1,
        entries: [{ kind: "completed", payload: "3" }],
        state: "completed",
        gate: "open",
        releaseInMs: undefined,
        knowsCancel: false,
      });
      assert.deepEqual(await start(scene, "r"), {
        kind: "exists",
        name: "order",
        input: "1",
      });
    },
  },
  {
    name: "start takes what a cancel meets from then on",
    run: async (scene) => {
      const { store } = scene;
      await store.start(headOf("r"), [started], ann, "too-late");
      assert.equal(await store.requestCancel("r", "why"), "too-late");
    },
  },
  {
    name: "of many starts of one id asked for at once one is new",
    run: async (scene) => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => start(scene, "r")),
      );
      assert.equal(answers.filter(({ kind }) => kind === "started").length, 1);
      assert.deepEqual(await kindsOf(scene, "r"), ["started"]);
    },
  },
  {
    name: "ids of any characters are kept apart",
    run: async (scene) => {
      const ids = [
        "a",
        "A",
        "a ",
        " a",
        "a:b",
        "a%",
        "_",
        "é",
        "e\u0301",
        "日本",
        "🚚",
        "'",
        '"',
        "x".repeat(255),
        "__proto__",
      ];
      for (const id of ids)
        assert.equal((await start(scene, id)).kind, "started", id);
      for (const id of ids) assert.equal((await scene.store.read(id))?.id, id);
    },
  },
  {
    name: "payloads and details come back as they were",
    run: async (scene) => {
      const payload = JSON.stringify({
        text: "\u0000 \ud800 é 🚚 '",
        big: "x".repeat(100_000),
        none: null,
      });
      const detail = {
        reason: "so \u0000",
        steps: ["a", "b"],
        error: { name: "E", message: "'" },
        done: false,
      };
      const entry = { kind: "stuck", payload, detail } as const;
      await scene.store.start(headOf("r"), [started, entry], ann, "open");
      const found = await scene.store.read("r");
      assert.deepEqual(found?.entries[1], {
        ...entry,
        seq: 2,
        epoch: 1,
        atMs: 0,
      });
    },
  },
];
