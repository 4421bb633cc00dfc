import { describe, expect, it } from "vitest";
import { saga } from "@dp/saga";
import { simulateEveryCrash, type Fate } from "@dp/saga/testing";

const nothing = (): undefined => undefined;
const undoable = { execute: nothing, compensate: nothing };

const order = saga("order")
  .step("reserve", undoable)
  .step("charge", undoable)
  .pivot("ship", { execute: nothing, find: nothing })
  .result(nothing);

const grouped = saga("grouped")
  .step("reserve", undoable)
  .parallel((group) =>
    group.step("charge", undoable).step("label", {
      ...undoable,
      find: nothing,
      compensateRetry: { attempts: 2, backoff: 100 },
    }),
  )
  .step("notify", { ...undoable, retry: { attempts: 1 } })
  .result(nothing);

const cases: readonly (readonly [
  string,
  typeof order,
  Readonly<Record<string, readonly Fate[]>>,
])[] = [
  ["goes well", order, {}],
  ["is turned down at its pivot", order, { "execute ship": ["rejected"] }],
  [
    "hears Rejected after a call of unknown outcome",
    order,
    { "execute charge": ["fails-after", "rejected"] },
  ],
  [
    "has a compensation that fails after it happened",
    order,
    {
      "execute charge": ["rejected"],
      "compensate reserve": ["fails-after", "fails"],
    },
  ],
  ["with a group goes well", grouped, {}],
  [
    "with a group fails in one member",
    grouped,
    { "execute charge": ["fatal-after"] },
  ],
  [
    "with a group fails behind it, and a compensation fails",
    grouped,
    { "execute notify": ["fails"], "compensate label": ["fails"] },
  ],
];

describe("a process killed at every point", () => {
  it.each(cases)(
    "alone and in pairs leaves nothing behind when the saga %s",
    async (_name, definition, fates) => {
      const summary = await simulateEveryCrash(definition, { fates });
      expect(summary.violations).toEqual([]);
      expect(summary.points).toBeGreaterThan(20);
      expect(summary.worlds).toBeGreaterThan(
        (summary.points * summary.points) / 3,
      );
    },
    60_000,
  );

  it("shows where a step without compensation leaks", async () => {
    const leaky = saga("leaky")
      .step("charge", { execute: nothing })
      .step("ship", { ...undoable, retry: { attempts: 1 } })
      .result(nothing);
    const { violations } = await simulateEveryCrash(leaky, {
      crashes: 1,
      fates: { "execute ship": ["rejected"] },
    });
    expect(violations).toContainEqual({
      what: "r1: compensated although charge happened and was not undone",
      killedAt: ["append r1 ok charge, intent ship answered"],
    });
  });

  it("shows where a participant that does not know its keys is called twice", async () => {
    const { violations } = await simulateEveryCrash(order, {
      crashes: 1,
      participants: { charge: { isIdempotent: false } },
    });
    expect(violations.map(({ killedAt }) => killedAt[0])).toContain(
      "execute r1:charge:execute 1 answered",
    );
  });
});
