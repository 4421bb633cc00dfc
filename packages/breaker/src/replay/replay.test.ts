import { describe, expect, it } from "vitest";
import { consecutive, countRate, exponential, slowRate } from "../index.ts";
import {
  replay,
  ReplayLogError,
  type LoggedCall,
  type Opening,
  type ReplayConfiguration,
} from "./index.ts";

const call = (
  atMs: number,
  outcome: LoggedCall["outcome"],
  durationMs = 0,
): string => JSON.stringify({ atMs, durationMs, outcome });
const good = (atMs: number, durationMs?: number): string =>
  call(atMs, "success", durationMs);
const bad = (atMs: number, durationMs?: number): string =>
  call(atMs, "failure", durationMs);

const three: ReplayConfiguration = {
  name: "three",
  trip: consecutive(3),
  openFor: 1_000,
  probes: 1,
};

const only = async (
  lines: readonly string[],
  configuration: ReplayConfiguration = three,
) => {
  const report = await replay(lines, [configuration]);
  return report.configurations[0]!;
};

const opening = (changes: Partial<Opening>): Opening => ({
  openedAtMs: 0,
  why: "3 of 3 calls failed, which reaches 3 failures in a row; open for 1000 ms",
  closedAtMs: undefined,
  reopened: 0,
  refusedRightly: 0,
  refusedWrongly: 0,
  ...changes,
});

describe("a replay", () => {
  it("tells when a breaker would have opened, why, and whom it would have refused", async () => {
    const report = await replay(
      [
        ...[good(0, 50), bad(100, 50), bad(200, 50), bad(300, 50)],
        ...[bad(400), good(500), bad(600)],
        ...[good(1_350, 10), good(1_400, 10), good(2_000, 10)],
      ],
      [three],
    );
    expect(report).toMatchObject({
      calls: 10,
      failures: 5,
      fromMs: 0,
      toMs: 2_010,
    });
    expect(report.configurations).toMatchObject([
      {
        name: "three",
        totals: {
          calls: 10,
          failures: 5,
          admitted: 7,
          admittedFailures: 3,
          refusedRightly: 2,
          refusedWrongly: 1,
          refusedShare: 0.3,
          openings: 1,
          openMs: 1_000,
          halfOpenMs: 10,
        },
        openings: [
          opening({
            openedAtMs: 350,
            closedAtMs: 1_360,
            refusedRightly: 2,
            refusedWrongly: 1,
          }),
        ],
        unlistedOpenings: 0,
      },
    ]);
  });

  it("settles results before a call that begins at the same moment, and in the order in which the calls end", async () => {
    const { openings } = await only([
      bad(0, 30),
      bad(10, 20),
      bad(30),
      bad(30),
    ]);
    expect(openings).toEqual([opening({ openedAtMs: 30, refusedRightly: 1 })]);
    const reset = await only([bad(0, 40), bad(0, 30), good(0, 35), bad(0, 20)]);
    expect(reset.openings).toEqual([]);
  });

  it("goes on with the same opening while probes fail, and ends it when the circuit closes", async () => {
    const { openings, totals } = await only([
      ...[bad(0), bad(1), bad(2), bad(1_500), bad(2_600), good(3_700)],
      ...[bad(4_000), bad(4_001), bad(4_002)],
    ]);
    expect(openings).toEqual([
      opening({ openedAtMs: 2, closedAtMs: 3_700, reopened: 2 }),
      opening({ openedAtMs: 4_002 }),
    ]);
    expect(totals).toMatchObject({ openMs: 3_000, halfOpenMs: 698 });
  });

  it("knows what time alone does: leases that run out, calls that become slow", async () => {
    const hung = await only(
      [bad(0), bad(0), bad(0), good(1_000, 9_000), good(1_500)],
      { ...three, probeLease: 400 },
    );
    expect(hung.openings).toMatchObject([{ reopened: 1, refusedWrongly: 1 }]);
    expect(hung.totals).toMatchObject({ openMs: 2_000, halfOpenMs: 8_000 });
    const slow = await only([good(0, 500), good(10, 500), good(450)], {
      ...three,
      trip: slowRate(1, { over: 100, window: "1s", minimum: 2 }),
    });
    expect(slow.openings).toMatchObject([
      {
        openedAtMs: 110,
        why: "0 of 0 calls and 2 under way took 100 ms or longer, which reaches 100 % calls of 100 ms or longer among at least 2 in 1000 ms; open for 1000 ms",
      },
    ]);
  });

  it("counts what a ramp refuses after a break among what that break cost", async () => {
    const { openings } = await only(
      [bad(0), bad(0), bad(0), good(1_000), good(1_001), good(1_002)],
      { ...three, ramp: { over: 1_000 } },
    );
    expect(openings).toMatchObject([{ closedAtMs: 1_000, refusedWrongly: 2 }]);
  });

  it("takes any epoch, blank lines and calls written when they ended", async () => {
    const start = 1_795_793_837_123;
    const lines = [bad(start + 1), "", bad(start + 2), "  ", bad(start, 30)];
    const report = await replay(lines, [three]);
    expect(report).toMatchObject({ fromMs: start, toMs: start + 30 });
    expect(report.configurations[0]?.openings[0]?.openedAtMs).toBe(start + 30);
  });

  it("judges each configuration as if it were alone, in the order given", async () => {
    const jittered = (name: string): ReplayConfiguration => ({
      name,
      trip: countRate(0.5, { last: 4, minimum: 2 }),
      openFor: exponential({ initial: 100 }),
      probes: 1,
    });
    const lines = Array.from({ length: 500 }, (_, index) =>
      (index % 7 < 4 ? bad : good)(index * 10, 5),
    );
    const together = await replay(lines, [jittered("a"), three, jittered("b")]);
    const [a, b, c] = together.configurations;
    expect([a?.name, b?.name, c?.name]).toEqual(["a", "three", "b"]);
    expect({ ...c, name: "a" }).toEqual(a);
    expect(await only(lines, jittered("a"))).toEqual(a);
    const other = await replay(lines, [jittered("a")], { seed: 2 });
    expect(other.configurations[0]).not.toEqual(a);
  });

  it("lists the first 1000 openings and counts the rest", async () => {
    const lines = Array.from({ length: 1_500 }, (_, index) => [
      ...[bad(index * 2_000), bad(index * 2_000), bad(index * 2_000)],
      ...[bad(index * 2_000 + 1), good(index * 2_000 + 1_000)],
    ]).flat();
    const { openings, unlistedOpenings, totals } = await only(lines);
    expect(openings).toHaveLength(1_000);
    expect(openings[999]).toMatchObject({ openedAtMs: 1_998_000 });
    expect(unlistedOpenings).toBe(500);
    expect(totals).toMatchObject({
      openings: 1_500,
      refusedRightly: 1_500,
      openMs: 1_500_000,
    });
  });

  it("refuses an empty log, and one line that is no call with its number", async () => {
    await expect(replay([], [three])).rejects.toThrow(
      "DP_BREAKER_REPLAY_LOG: the log is empty: it has no call",
    );
    await expect(replay([" ", ""], [three])).rejects.toThrow("is empty");
    await expect(replay(["", good(0), "no"], [three])).rejects.toSatisfy(
      (error) => ReplayLogError.is(error) && error.line === 3,
    );
  });

  it("refuses to run without a configuration, with a wrong one and with two of one name", async () => {
    await expect(replay([good(0)], [])).rejects.toThrow("at least one");
    await expect(replay([good(0)], [{ probes: 0 }])).rejects.toThrow("probes");
    await expect(replay([good(0)], [{}, three, {}])).rejects.toThrow(
      'configurations[2].name must be a name of its own, got "breaker"',
    );
    await expect(replay([good(0)], [three], { seed: -1 })).rejects.toThrow(
      "seed",
    );
  });
});
