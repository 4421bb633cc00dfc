import assert from "node:assert/strict";
import type { EntryBody } from "../../journal.ts";
import {
  ann,
  append,
  bob,
  claim,
  idsOf,
  intent,
  kindsOf,
  start,
  type StoreCase,
} from "./store-case.ts";

const ok: EntryBody = { kind: "ok", step: "a", attempt: 1, payload: "7" };

export const appendingCases: readonly StoreCase[] = [
  {
    name: "append adds its entries in order, without a gap, under the run's epoch, at the store's time",
    run: async (scene) => {
      await start(scene, "r", ann);
      await scene.clock.advance(9);
      const answer = await append(scene, "r", [intent, ok]);
      assert.deepEqual(answer, {
        kind: "appended",
        atMs: 9,
        cancel: undefined,
      });
      const entries = (await scene.store.read("r"))?.entries ?? [];
      assert.deepEqual(entries[2], { ...ok, seq: 3, epoch: 1, atMs: 9 });
    },
  },
  {
    name: "append takes more entries than fit one statement",
    run: async (scene) => {
      await start(scene, "r", ann);
      const many = Array.from({ length: 45 }, (_, at) => ({
        ...intent,
        attempt: at,
      }));
      await append(scene, "r", many);
      const entries = (await scene.store.read("r"))?.entries ?? [];
      assert.deepEqual(
        entries.map(({ seq }) => seq),
        Array.from({ length: 46 }, (_, at) => at + 1),
      );
      assert.equal(entries[45]?.attempt, 44);
    },
  },
  {
    name: "append of another epoch is lost and writes nothing",
    run: async (scene) => {
      await start(scene, "r", ann);
      assert.deepEqual(await append(scene, "r", [intent], { epoch: 0 }), {
        kind: "lost",
      });
      assert.deepEqual(await append(scene, "r", [intent], { epoch: 2 }), {
        kind: "lost",
      });
      assert.deepEqual(await append(scene, "nobody", [intent]), {
        kind: "lost",
      });
      assert.deepEqual(await kindsOf(scene, "r"), ["started"]);
    },
  },
  {
    name: "append of who has lost the run is lost, also when the entries would fit",
    run: async (scene) => {
      await start(scene, "r", ann);
      await scene.clock.advance(1_000);
      assert.deepEqual(idsOf(await claim(scene, bob)), ["r"]);
      assert.deepEqual(await append(scene, "r", [intent]), { kind: "lost" });
      const answer = await append(scene, "r", [intent], { epoch: 2 });
      assert.equal(answer.kind, "appended");
    },
  },
  {
    name: "append at another place is lost",
    run: async (scene) => {
      await start(scene, "r", ann);
      assert.deepEqual(await append(scene, "r", [intent], { seq: 2 }), {
        kind: "lost",
      });
      assert.deepEqual(await append(scene, "r", [intent, ok], { seq: 0 }), {
        kind: "lost",
      });
      assert.deepEqual(await kindsOf(scene, "r"), ["started"]);
    },
  },
  {
    name: "append repeated, because its answer was lost, writes nothing twice",
    run: async (scene) => {
      await start(scene, "r", ann);
      await append(scene, "r", [intent, ok]);
      assert.equal((await append(scene, "r", [intent, ok])).kind, "appended");
      assert.deepEqual(await kindsOf(scene, "r"), ["started", "intent", "ok"]);
    },
  },
  {
    name: "append that ended the run can be repeated too, and nothing comes after it",
    run: async (scene) => {
      await start(scene, "r", ann);
      const end: EntryBody = { kind: "completed", payload: "3" };
      const ending = { state: "completed" } as const;
      await append(scene, "r", [end], ending);
      assert.equal((await append(scene, "r", [end], ending)).kind, "appended");
      assert.equal(
        (await append(scene, "r", [intent], { seq: 2 })).kind,
        "lost",
      );
      assert.deepEqual(await kindsOf(scene, "r"), ["started", "completed"]);
    },
  },
  {
    name: "append that goes on is refused if its writer does not know of an accepted cancel",
    run: async (scene) => {
      await start(scene, "r", ann);
      assert.equal(await scene.store.requestCancel("r", "why"), "accepted");
      const refused = { kind: "cancelled", reason: "why" };
      assert.deepEqual(await append(scene, "r", [ok, intent]), refused);
      assert.deepEqual(
        await append(scene, "r", [{ kind: "completed" }], {
          state: "completed",
        }),
        refused,
      );
      assert.deepEqual(await kindsOf(scene, "r"), ["started"]);
    },
  },
  {
    name: "append that does not go on, or knows of the cancel, is written and tells of it",
    run: async (scene) => {
      await start(scene, "r", ann);
      await scene.store.requestCancel("r", "why");
      assert.deepEqual(await append(scene, "r", [ok]), {
        kind: "appended",
        atMs: 0,
        cancel: "why",
      });
      const knowing = await append(scene, "r", [intent], {
        seq: 2,
        knowsCancel: true,
      });
      assert.equal(knowing.kind, "appended");
    },
  },
  {
    name: "append gives the run back in the same commit, due when it says",
    run: async (scene) => {
      await start(scene, "r", ann);
      await append(scene, "r", [ok], { releaseInMs: 500 });
      assert.deepEqual(await claim(scene, bob), []);
      await scene.clock.advance(499);
      assert.deepEqual(await claim(scene, bob), []);
      await scene.clock.advance(1);
      const [run] = await claim(scene, bob);
      assert.equal(run?.epoch, 2);
    },
  },
  {
    name: "append changes the state that lists show",
    run: async (scene) => {
      await start(scene, "r", ann);
      await append(scene, "r", [{ kind: "compensating" }], {
        state: "compensating",
        gate: "already-compensating",
      });
      const run = await scene.store.read("r");
      assert.equal(run?.state, "compensating");
      assert.equal(
        await scene.store.requestCancel("r", ""),
        "already-compensating",
      );
    },
  },
  {
    name: "many appends asked for at once are each whole, to runs of their own and in order to one",
    run: async (scene) => {
      const ids = Array.from({ length: 50 }, (_, at) => `r${at}`);
      await Promise.all(ids.map((id) => start(scene, id, ann)));
      const answers = await Promise.all(
        ids.flatMap((id) => [
          append(scene, id, [intent]),
          append(scene, id, [ok], { seq: 2 }),
          append(scene, id, [ok], { seq: 2, epoch: 9 }),
        ]),
      );
      assert.equal(answers.filter(({ kind }) => kind === "lost").length, 50);
      for (const id of ids)
        assert.deepEqual(await kindsOf(scene, id), ["started", "intent", "ok"]);
    },
  },
];
