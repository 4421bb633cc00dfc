import fc from "fast-check";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  memoryStore,
  type EntryBody,
  type SagaState,
  type SagaStore,
} from "@dp/saga";
import { sqliteStore } from "@dp/saga/sqlite";
import { newPath } from "./folder.ts";

type Operation = (store: SagaStore) => Promise<unknown>;

const id = fc.constantFrom("a", "b", "c");
const worker = fc.constantFrom("ann", "bob");
const small = fc.integer({ min: 0, max: 4 });
const entries = fc.array(
  fc.constantFrom<EntryBody>(
    { kind: "intent", step: "s", attempt: 1 },
    { kind: "ok", step: "s", payload: "1" },
    { kind: "find", step: "s", detail: { found: false } },
  ),
  { minLength: 1, maxLength: 3 },
);
const states = fc.constantFrom<SagaState>(
  "running",
  "running",
  "running",
  "compensating",
  "stuck",
  "completed",
);

const operations: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(id, fc.option(worker, { nil: undefined })).map(
    ([run, by]) =>
      (store: SagaStore) =>
        store.start(
          { id: run, name: "order", version: 1, shape: run },
          [{ kind: "started", payload: `"${run}"` }],
          by === undefined ? undefined : { worker: by, leaseMs: 100 },
          "open",
        ),
  ),
  fc
    .record({
      id,
      epoch: small,
      seq: small,
      entries,
      state: states,
      gate: fc.constantFrom("open" as const, "too-late" as const),
      releaseInMs: fc.option(fc.integer({ min: 0, max: 200 }), {
        nil: undefined,
      }),
      knowsCancel: fc.boolean(),
    })
    .map((append) => (store: SagaStore) => store.append(append)),
  fc.tuple(worker, small, fc.uniqueArray(id)).map(
    ([by, limit, held]) =>
      (store: SagaStore) =>
        store.claim(
          { worker: by, leaseMs: 100 },
          [{ name: "order", version: 1 }],
          limit,
          new Set(held),
        ),
  ),
  fc.tuple(worker, id).map(
    ([by, run]) =>
      (store: SagaStore) =>
        store.seize({ worker: by, leaseMs: 100 }, run),
  ),
  fc.tuple(id, small, fc.integer({ min: 0, max: 200 })).map(
    ([run, epoch, delayMs]) =>
      (store: SagaStore) =>
        store.release(run, epoch, delayMs),
  ),
  worker.map(
    (by) => (store: SagaStore) => store.renew({ worker: by, leaseMs: 100 }),
  ),
  id.map((run) => (store: SagaStore) => store.requestCancel(run, "why")),
  worker.map((by) => (store: SagaStore) => store.cancels(by)),
  id.map((run) => (store: SagaStore) => store.read(run)),
  fc.tuple(fc.option(id, { nil: undefined }), small).map(
    ([after, limit]) =>
      (store: SagaStore) =>
        store.list({ after, limit, states: ["running", "stuck"] }),
  ),
);

describe("the SQLite store", () => {
  it("answers whatever is asked of it as the memory store does", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(operations, fc.integer({ min: 0, max: 60 })), {
          minLength: 1,
          maxLength: 60,
        }),
        async (steps) => {
          const clock = new ManualClock();
          const model = memoryStore({ clock });
          await using store = sqliteStore(newPath(), { clock });
          for (const [operation, ms] of steps) {
            const expected = await operation(model);
            expect(await operation(store)).toEqual(expected);
            await clock.advance(ms);
          }
          expect(await store.shapes()).toEqual(await model.shapes());
        },
      ),
      { numRuns: 150 },
    );
  });
});
