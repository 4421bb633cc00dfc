import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failureRate, slowRate } from "../index.ts";
import { ReferenceBreaker, type ReferenceTrip } from "../testing/index.ts";
import { replay, type LoggedCall, type ReplayConfiguration } from "./index.ts";

interface Scene {
  readonly isSlow: boolean;
  readonly openForMs: number;
  readonly probes: number;
  readonly probeLeaseMs: number;
  readonly rampMs: number;
  /** Each begins so long after the one before. */
  readonly calls: readonly (Omit<LoggedCall, "atMs"> & {
    readonly afterMs: number;
  })[];
}

const scene: fc.Arbitrary<Scene> = fc.record({
  isSlow: fc.boolean(),
  openForMs: fc.constantFrom(0, 50, 200),
  probes: fc.integer({ min: 1, max: 3 }),
  probeLeaseMs: fc.constantFrom(40, 1_000),
  rampMs: fc.constantFrom(0, 100),
  calls: fc.array(
    fc.record({
      afterMs: fc.oneof(fc.nat(10), fc.nat(80)),
      durationMs: fc.oneof(fc.constant(0), fc.nat(30), fc.nat(200)),
      outcome: fc.constantFrom("success" as const, "failure" as const),
    }),
    { minLength: 1, maxLength: 60, size: "max" },
  ),
});

const rate = { threshold: 0.5, windowMs: 100, minimum: 3, buckets: 10 };

const configurationOf = (each: Scene): ReplayConfiguration => {
  const window = { window: 100, minimum: 3 };
  return {
    trip: each.isSlow
      ? slowRate(0.5, { ...window, over: 50 })
      : failureRate(0.5, window),
    openFor: each.openForMs,
    probes: each.probes,
    probeLease: each.probeLeaseMs,
    ramp: each.rampMs > 0 ? { over: each.rampMs } : undefined,
  };
};

const logOf = ({ calls }: Scene): readonly LoggedCall[] => {
  let atMs = 0;
  return calls.map(({ afterMs, ...call }) => ({
    ...call,
    atMs: (atMs += afterMs),
  }));
};

/** What happens in the order in which it does: of one moment the results first. */
const happenings = (log: readonly LoggedCall[]) =>
  log
    .flatMap((call, index) => {
      const endMs = call.atMs + call.durationMs;
      const isInstant = call.durationMs === 0;
      return [
        // A call that takes no time ends before the next one begins.
        { atMs: call.atMs, rank: 1, part: 2 * index, index, begins: true },
        {
          ...{ atMs: endMs, rank: isInstant ? 1 : 0 },
          ...{ part: 2 * index + 1, index, begins: false },
        },
      ];
    })
    .sort((a, b) => a.atMs - b.atMs || a.rank - b.rank || a.part - b.part);

/** The same by the reference model, which goes through all that happens. */
const modelled = (each: Scene, log: readonly LoggedCall[]) => {
  const trip: ReferenceTrip = each.isSlow
    ? { kind: "slowRate", overMs: 50, inFlight: true, ...rate }
    : { kind: "failureRate", ...rate };
  const model = new ReferenceBreaker({
    ...each,
    trip,
    openForMs: () => each.openForMs,
  });
  const ids = new Map<number, number>();
  const refused = { success: 0, failure: 0 };
  for (const { atMs, index, begins } of happenings(log)) {
    model.advanceTo(atMs);
    const { outcome } = log[index]!;
    if (begins) {
      const id = model.admit();
      if (id === undefined) refused[outcome]++;
      else ids.set(index, id);
    } else if (ids.has(index)) model.settle(ids.get(index)!, outcome);
  }
  const { transitions } = model;
  const endMs = Math.max(...log.map((call) => call.atMs + call.durationMs));
  const spentIn = (state: string): number =>
    transitions
      .map(({ to, atMs }, index) =>
        to === state ? (transitions[index + 1]?.atMs ?? endMs) - atMs : 0,
      )
      .reduce((total, ms) => total + ms, 0);
  return {
    opened: transitions.filter(({ from }) => from === "closed"),
    closed: transitions.filter(({ to }) => to === "closed"),
    reopened: transitions.filter(
      ({ from, to }) => from === "half-open" && to === "open",
    ).length,
    refused,
    openMs: spentIn("open"),
    halfOpenMs: spentIn("half-open"),
  };
};

describe("a replay beside the reference model", () => {
  it("comes to the same openings, refusals and times for any log", async () => {
    let openings = 0;
    await fc.assert(
      fc.asyncProperty(scene, async (each) => {
        const log = logOf(each);
        const lines = log.map((call) => JSON.stringify(call));
        const report = await replay(lines, [configurationOf(each)]);
        const [{ totals, openings: listed, slices }] =
          report.configurations as [(typeof report.configurations)[0]];
        const model = modelled(each, log);
        openings += listed.length;
        expect(listed.map(({ openedAtMs }) => openedAtMs)).toEqual(
          model.opened.map(({ atMs }) => atMs),
        );
        expect(listed.flatMap(({ closedAtMs }) => closedAtMs ?? [])).toEqual(
          model.closed.map(({ atMs }) => atMs),
        );
        const sum = (amounts: readonly number[]): number =>
          amounts.reduce((total, amount) => total + amount, 0);
        expect(sum(listed.map((opening) => opening.reopened))).toBe(
          model.reopened,
        );
        const { success, failure } = model.refused;
        expect(totals).toMatchObject({
          refusedRightly: failure,
          refusedWrongly: success,
          admitted: log.length - success - failure,
          admittedFailures: totals.failures - failure,
          refusedShare: (success + failure) / log.length,
          openMs: model.openMs,
          halfOpenMs: model.halfOpenMs,
        });
        expect(sum(listed.map((opening) => opening.refusedRightly))).toBe(
          failure,
        );
        expect(sum(listed.map((opening) => opening.refusedWrongly))).toBe(
          success,
        );
        expect(sum(slices.openMs)).toBeCloseTo(model.openMs);
        expect(sum(slices.halfOpenMs)).toBeCloseTo(model.halfOpenMs);
        expect(sum(report.slices.calls)).toBe(log.length);
        expect(sum(report.slices.failures)).toBe(report.failures);
      }),
      { numRuns: 1_000 },
    );
    expect(openings).toBeGreaterThan(500);
  });

  it("comes to the same for a log that is written as calls end", async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (each) => {
        // Calls of one moment are told apart by their lines only.
        const log = logOf({
          ...each,
          calls: each.calls.map((call) => ({
            ...call,
            afterMs: call.afterMs + 1,
          })),
        });
        const lineOf = (call: LoggedCall): string => JSON.stringify(call);
        const ended = log.toSorted(
          (a, b) => a.atMs + a.durationMs - b.atMs - b.durationMs,
        );
        expect(
          await replay(ended.map(lineOf), [configurationOf(each)]),
        ).toEqual(await replay(log.map(lineOf), [configurationOf(each)]));
      }),
      { numRuns: 300 },
    );
  });
});
