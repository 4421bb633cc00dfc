import { describe, expect, it } from "vitest";
import { createOrchestrator, memoryStore, NotDone, Rejected } from "@dp/saga";
import { orderSaga } from "./order-saga.ts";
import type { Participant } from "./participant.ts";
import { stepsOf, timelineOf } from "./timeline.ts";

const obliging: Participant = {
  do: () => Promise.resolve({ cents: 7_800 }),
  undo: () => Promise.resolve(),
};

/** Answers as the errors tell, then obliges. */
const failing = (...errors: readonly Error[]): Participant => {
  const left = [...errors];
  return {
    ...obliging,
    do: () => {
      const error = left.shift();
      return error === undefined
        ? Promise.resolve({ cents: 7_800 })
        : Promise.reject(error);
    },
  };
};

const play = async (catalog: Participant, payments: Participant) => {
  const shipped = new Set<string>();
  const definition = orderSaga({
    catalog,
    payments,
    shipments: {
      ship: (key) => {
        shipped.add(key);
        return Promise.resolve();
      },
      has: (key) => shipped.has(key),
      count: () => shipped.size,
      close: () => undefined,
    },
    beginning: () => undefined,
  });
  const orchestrator = await createOrchestrator({
    store: memoryStore(),
    sagas: [definition],
    random: () => 0.5,
  });
  const input = { item: "1", count: 2, card: "42424242" };
  const handle = await orchestrator.start(definition, "o1", input);
  await handle.result().catch(() => undefined);
  const journal = await orchestrator.admin.journal("o1");
  await orchestrator.close();
  return {
    steps: stepsOf(journal),
    lines: timelineOf(journal).map((line) => line.replace(/^.{10} {2}/, "")),
    times: timelineOf(journal).map((line) => line.slice(0, 10)),
  };
};

describe("an order's timeline", () => {
  it("tells of an order that went well", async () => {
    const { lines, steps, times } = await play(obliging, obliging);
    expect(lines).toEqual([
      '         started  {"item":"1","count":2,"card":"42424242"}',
      "reserve  call  key o1:reserve:execute",
      'reserve  done  {"cents":7800}',
      "charge   call  key o1:charge:execute",
      "charge   done",
      "ship     call  key o1:ship:execute",
      "ship     done",
      '         completed  {"cents":7800}',
    ]);
    expect(steps).toEqual({ reserve: "done", charge: "done", ship: "done" });
    for (const time of times) expect(time).toMatch(/^ *\+\d+\.\d{3} s$/);
  });

  it("tells of a refusal and of what was undone", async () => {
    const refused = failing(new Rejected("402 the bank refuses card …0000"));
    const { lines, steps } = await play(obliging, refused);
    expect(lines.slice(4)).toEqual([
      "charge   failed: 402 the bank refuses card …0000, nothing was done",
      "charge   going back (failed): 402 the bank refuses card …0000",
      "reserve  undo  key o1:reserve:compensate",
      "reserve  undone",
      "         compensated",
    ]);
    expect(steps).toEqual({ reserve: "undone", charge: "failed" });
  });

  it("tells of calls that are made again", async () => {
    const late = failing(new NotDone("503 chaos"), new Error("502 cut"));
    const { lines } = await play(obliging, late);
    expect(lines.slice(3, 9)).toEqual([
      "charge   call  key o1:charge:execute",
      "charge   failed: 503 chaos, nothing was done; again in 25 ms",
      "charge   call (2)  key o1:charge:execute",
      "charge   failed: 502 cut, nobody knows whether it was done; again in 50 ms",
      "charge   call (3)  key o1:charge:execute",
      "charge   done",
    ]);
  });

  it("has words for every kind of entry", () => {
    const error = { name: "Error", message: "why" };
    const at = { seq: 1, epoch: 1, atMs: 1_000 };
    const lines = timelineOf([
      { ...at, kind: "find", step: "ship", found: true },
      { ...at, kind: "find", step: "ship", error, retryInMs: 5 },
      { ...at, kind: "cancel", reason: "changed my mind" },
      { ...at, kind: "deadline" },
      { ...at, kind: "compensate.err", step: "charge", error, retryInMs: 7 },
      { ...at, kind: "compensate.skip", step: "charge" },
      { ...at, kind: "stuck", reason: "compensate", steps: ["charge"] },
      { ...at, kind: "admin.retry", by: "ann" },
      { ...at, kind: "admin.resolve", step: "charge", by: "ann", done: false },
      { ...at, kind: "alert", step: "ship", error, atMs: 63_500 },
      { ...at, kind: "abandoned", by: "ann", steps: [], atMs: 123_456 },
    ]);
    expect(lines).toEqual([
      "  +0.000 s  ship    asked whether it happened: yes",
      "  +0.000 s  ship    asked whether it happened: no answer, why; again in 5 ms",
      "  +0.000 s          cancel asked for: changed my mind",
      "  +0.000 s          out of time",
      "  +0.000 s  charge  not undone: why; again in 7 ms",
      "  +0.000 s  charge  nothing to undo",
      "  +0.000 s          stuck (compensate), somebody must look: charge",
      "  +0.000 s          ann lets it go on",
      "  +0.000 s  charge  ann says that it was not done",
      " +62.500 s  ship    takes long: why",
      "+122.456 s          abandoned by ann, left undone: nothing",
    ]);
    expect(timelineOf([])).toEqual([]);
  });
});
