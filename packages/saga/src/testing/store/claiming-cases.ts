import assert from "node:assert/strict";
import {
  ann,
  append,
  bob,
  claim,
  headOf,
  idsOf,
  intent,
  known,
  none,
  start,
  started,
  type StoreCase,
} from "./store-case.ts";

export const claimingCases: readonly StoreCase[] = [
  {
    name: "claim gives each run once, with all that is known of it, under a higher epoch",
    run: async (scene) => {
      await scene.store.start(
        headOf("r"),
        [started, intent],
        undefined,
        "open",
      );
      await scene.clock.advance(3);
      const [run, ...others] = await claim(scene, ann);
      assert.deepEqual(others, []);
      assert.deepEqual(run, {
        ...headOf("r"),
        state: "running",
        epoch: 1,
        entries: [
          { ...started, seq: 1, epoch: 0, atMs: 0 },
          { ...intent, seq: 2, epoch: 0, atMs: 0 },
        ],
        claims: 1,
        cancel: undefined,
        nowMs: 3,
      });
      assert.deepEqual(await claim(scene, bob), []);
    },
  },
  {
    name: "claim takes those that are longest due first, and no more than the limit",
    run: async (scene) => {
      for (const [id, releaseInMs] of [
        ["late", 30],
        ["early", 10],
        ["middle", 20],
      ] as const) {
        await start(scene, id, ann);
        await append(scene, id, [intent], { releaseInMs });
      }
      await scene.clock.advance(100);
      assert.deepEqual(idsOf(await claim(scene, bob, 2)), ["early", "middle"]);
      const rest = await claim(scene, bob, 2, new Set(["early", "middle"]));
      assert.deepEqual(idsOf(rest), ["late"]);
    },
  },
  {
    name: "claim takes only runs of the definitions named, name and version",
    run: async (scene) => {
      await start(scene, "other", undefined, { name: "other" });
      await start(scene, "newer", undefined, { version: 2 });
      await start(scene, "mine");
      assert.deepEqual(idsOf(await claim(scene, ann)), ["mine"]);
      const more = [...known, { name: "order", version: 2 }];
      const claimed = await scene.store.claim(bob, more, 10, none);
      assert.deepEqual(idsOf(claimed), ["newer"]);
    },
  },
  {
    name: "claim takes what a worker holds whose lease has run out, not before",
    run: async (scene) => {
      await start(scene, "r", ann);
      await scene.clock.advance(999);
      assert.deepEqual(await claim(scene, bob), []);
      await scene.clock.advance(1);
      const [run] = await claim(scene, bob);
      assert.equal(run?.epoch, 2);
    },
  },
  {
    name: "renew prolongs the lease of all that a worker holds, and so does claim",
    run: async (scene) => {
      await start(scene, "r", ann);
      await scene.clock.advance(900);
      await scene.store.renew(ann);
      await scene.clock.advance(900);
      assert.deepEqual(await claim(scene, bob), []);
      await claim(scene, ann, 0);
      await scene.clock.advance(900);
      assert.deepEqual(await claim(scene, bob), []);
      await scene.clock.advance(100);
      assert.deepEqual(idsOf(await claim(scene, bob)), ["r"]);
    },
  },
  {
    name: "claim gives a worker what it holds without its knowing, and not what it knows of",
    run: async (scene) => {
      await start(scene, "r", ann);
      assert.deepEqual(await claim(scene, ann, 10, new Set(["r"])), []);
      const [run] = await claim(scene, ann);
      assert.equal(run?.epoch, 2);
    },
  },
  {
    name: "claim leaves alone what is stuck or has ended",
    run: async (scene) => {
      for (const state of [
        "stuck",
        "completed",
        "compensated",
        "abandoned",
      ] as const) {
        await start(scene, state, ann);
        await append(scene, state, [{ kind: state }], { state });
      }
      await scene.clock.advance(10_000);
      assert.deepEqual(await claim(scene, bob), []);
    },
  },
  {
    name: "claims are counted until an entry shows progress",
    run: async (scene) => {
      await start(scene, "r");
      const again = async (): Promise<number> => {
        const [run] = await claim(scene, ann);
        return run?.claims ?? 0;
      };
      assert.equal(await again(), 1);
      assert.equal(await again(), 2);
      await append(scene, "r", [intent], { epoch: 2 });
      assert.equal(await again(), 3);
      await append(scene, "r", [{ kind: "ok", step: "a" }], {
        epoch: 3,
        seq: 2,
      });
      assert.equal(await again(), 1);
    },
  },
  {
    name: "a release in the same commit as entries forgets the claims as well",
    run: async (scene) => {
      await start(scene, "r");
      await claim(scene, ann);
      await append(scene, "r", [{ kind: "find", step: "a" }], {
        releaseInMs: 0,
      });
      const [run] = await claim(scene, ann);
      assert.equal(run?.claims, 1);
    },
  },
  {
    name: "release gives a run back, due when it says, and forgets the claims; of another epoch it does nothing",
    run: async (scene) => {
      await start(scene, "r", ann);
      await scene.store.release("r", 7, 0);
      assert.deepEqual(await claim(scene, bob), []);
      await scene.store.release("r", 1, 50);
      assert.deepEqual(await claim(scene, bob), []);
      await scene.clock.advance(50);
      const [run] = await claim(scene, bob);
      assert.equal(run?.claims, 1);
      await scene.store.release("nobody", 1, 0);
    },
  },
  {
    name: "seize takes a run whoever holds it, due or not, stuck or not",
    run: async (scene) => {
      await start(scene, "r", ann);
      const seized = await scene.store.seize(bob, "r");
      assert.equal(seized?.epoch, 2);
      assert.deepEqual(await append(scene, "r", [intent]), { kind: "lost" });
      await append(scene, "r", [{ kind: "stuck" }], {
        epoch: 2,
        state: "stuck",
      });
      assert.equal((await scene.store.seize(ann, "r"))?.state, "stuck");
    },
  },
  {
    name: "seize gives nothing of a run that has ended or never was",
    run: async (scene) => {
      await start(scene, "r", ann);
      await append(scene, "r", [{ kind: "completed" }], { state: "completed" });
      assert.equal(await scene.store.seize(bob, "r"), undefined);
      assert.equal(await scene.store.seize(bob, "nobody"), undefined);
    },
  },
  {
    name: "many who claim at once share the runs, each once",
    run: async (scene) => {
      for (let at = 0; at < 30; at++) await start(scene, `r${at}`);
      const shares = await Promise.all(
        Array.from({ length: 10 }, (_, at) =>
          claim(scene, { worker: `w${at}`, leaseMs: 1_000 }, 4),
        ),
      );
      const ids = shares.flatMap(idsOf);
      assert.equal(ids.length, 30);
      assert.equal(new Set(ids).size, 30);
    },
  },
];
