import { describe, expect, it } from "vitest";
import type { Instance } from "../instance.ts";
import type { Change, WatchEvent } from "../watch-event.ts";
import { candidatesOf } from "./balancer-case.ts";
import type { HistoryEntry } from "./history.ts";
import { checkStateHistory } from "./state-history.ts";

const [a, b] = candidatesOf(["a", "b"]).map(({ instance }) => instance) as [
  Instance,
  Instance,
];
const heavier = { ...a, weight: 9 };
const put = (instance: Instance): Change<unknown> => ({ op: "put", instance });
const remove = (id: string): Change<unknown> => ({
  op: "delete",
  id,
  why: "unknown",
});
const truth: readonly HistoryEntry[] = [
  put(a),
  put(b),
  put(heavier),
  remove("b"),
].map((change) => ({ change }));

const delta = (
  revision: bigint,
  ...changes: Change<unknown>[]
): WatchEvent<unknown> => ({ type: "delta", revision, changes });
const sync = (
  revision: bigint,
  ...instances: Instance[]
): WatchEvent<unknown> => ({
  type: "sync",
  revision,
  reason: "initial",
  instances: new Map(instances.map((each) => [each.id, each])),
});
/** A sync that is not the first. */
const again = (...state: Parameters<typeof sync>): WatchEvent<unknown> => ({
  ...(sync(...state) as WatchEvent<unknown> & { type: "sync" }),
  reason: "overflow",
});
const check = (...seen: WatchEvent<unknown>[]) => {
  return () => checkStateHistory(truth, seen, { complete: true });
};

describe("the history checker for registries that see states", () => {
  it("accepts every change, and several at once", () => {
    expect(
      check(
        sync(0n),
        delta(1n, put(a)),
        delta(2n, put(b)),
        delta(3n, put(heavier)),
        delta(4n, remove("b")),
      ),
    ).not.toThrow();
    expect(
      check(sync(3n, a), delta(4n, put(heavier)), again(9n, heavier)),
    ).not.toThrow();
    expect(check(sync(1n, heavier))).not.toThrow();
  });

  it("does not compare revisions of instances", () => {
    expect(check(sync(1n, { ...heavier, revision: 77n }))).not.toThrow();
  });

  it.each<[string, WatchEvent<unknown>[], RegExp]>([
    ["a delta first", [delta(1n, put(heavier))], /before any sync/],
    [
      "a state that never was",
      [sync(1n, b)],
      /event 0: its state is that of no moment/,
    ],
    [
      "a way back",
      [sync(2n, a, b), delta(3n, remove("b"))],
      /event 1: its state is that of no moment/,
    ],
    [
      "news that is none",
      [sync(1n, a), delta(2n, put({ ...a, revision: 9n }))],
      /says nothing new/,
    ],
    ["a removal of nobody", [sync(1n, a), delta(2n, remove("b"))], /not there/],
    [
      "a later sync that says it is the first",
      [sync(1n, a), sync(3n, heavier)],
      /event 1: initial, though not the first/,
    ],
    ["a delta of nothing", [sync(1n, heavier), delta(2n)], /of nothing/],
    [
      "a revision that goes back",
      [sync(2n, a), again(1n, heavier)],
      /revision 1 after 2/,
    ],
    [
      "two deltas of one revision",
      [sync(0n), delta(1n, put(a)), delta(1n, put(b))],
      /a second delta of 1/,
    ],
    ["an end that never came", [sync(1n, a)], /never came/],
    ["nothing at all", [], /never came/],
  ])("finds %s", (_what, seen, message) => {
    expect(check(...seen)).toThrow(message);
  });
});
