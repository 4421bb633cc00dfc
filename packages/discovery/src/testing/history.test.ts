import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Instance } from "../instance.ts";
import type { Change, WatchEvent } from "../watch-event.ts";
import { candidatesOf } from "./balancer-case.ts";
import { checkHistory, type HistoryEntry } from "./history.ts";

const [a, b] = candidatesOf(["a", "b"]).map(({ instance }) => instance) as [
  Instance,
  Instance,
];
const put = (instance: Instance, revision: bigint): HistoryEntry => ({
  change: { op: "put", instance: { ...instance, revision } },
  revision,
});
const removed = (id: string, revision?: bigint): HistoryEntry => ({
  change: { op: "delete", id, why: "deregistered" },
  revision,
});
const delta = (
  revision: bigint,
  ...changes: Change<unknown>[]
): WatchEvent<unknown> => ({ type: "delta", revision, changes });
const sync = (
  revision: bigint,
  ...instances: Instance<unknown>[]
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

const truth = [put(a, 1n), put(b, 2n), removed("a"), put(a, 4n)];
const happened = (index: number): Change<unknown> =>
  (truth[index] as HistoryEntry).change;
const written = (index: number): Instance<unknown> => {
  const change = happened(index);
  if (change.op !== "put") throw new Error("not a put");
  return change.instance;
};

const good: readonly WatchEvent<unknown>[] = [
  sync(1n, written(0)),
  delta(2n, happened(1)),
  delta(3n, happened(2)),
  delta(4n, happened(3)),
];
const check = (seen: readonly WatchEvent<unknown>[]) => () =>
  checkHistory(truth, seen, { complete: true });

describe("the history checker", () => {
  it("accepts a watcher that saw every change once", () => {
    expect(check(good)).not.toThrow();
    expect(
      check([sync(0n), delta(1n, happened(0)), ...good.slice(1)]),
    ).not.toThrow();
  });

  it("accepts a sync in place of what was missed", () => {
    expect(check([sync(0n), again(4n, written(1), written(3))])).not.toThrow();
    expect(
      check([sync(0n), again(3n, written(1)), delta(4n, happened(3))]),
    ).not.toThrow();
  });

  it("accepts news of the connection anywhere", () => {
    const stale = {
      type: "stale",
      sinceMs: 0,
      error: new Error("gone"),
    } as const;
    const fresh = { type: "fresh", revision: 2n } as const;
    expect(
      check([stale, ...good.slice(0, 2), stale, fresh, ...good.slice(2)]),
    ).not.toThrow();
  });

  it("accepts a registry that cannot tell why an instance left", () => {
    const unknown = delta(3n, { op: "delete", id: "a", why: "unknown" });
    expect(check(good.with(2, unknown))).not.toThrow();
    const wrong = delta(3n, { op: "delete", id: "a", why: "expired" });
    expect(check(good.with(2, wrong))).toThrow("event 2");
  });

  it("finds a delta before any sync", () => {
    expect(check(good.slice(1))).toThrow("a delta before any sync");
  });

  it("finds two revisions in one delta", () => {
    const merged = delta(3n, happened(1), happened(2));
    expect(check([good[0]!, merged, good[3]!])).toThrow("in a delta of 3");
  });

  it("finds a delta of nothing", () => {
    expect(check([good[0]!, delta(2n)])).toThrow("a delta of nothing");
  });

  it("finds a sync that is the state of no moment", () => {
    expect(check([sync(1n)])).toThrow("the state of no moment");
    expect(check([sync(2n, written(0))])).toThrow("the state of no moment");
    expect(check([...good, again(4n, written(1))])).toThrow(
      "the state of no moment",
    );
  });

  it("finds a later sync that says it is the first", () => {
    expect(check([...good, sync(4n, written(1), written(3))])).toThrow(
      "event 4: initial, though not the first",
    );
  });

  it("finds a sync that goes back", () => {
    expect(check([...good.slice(0, 3), again(1n, written(0))])).toThrow(
      "sync goes back",
    );
  });

  it("finds an end that was never told, unless told not to look", () => {
    expect(check(good.slice(0, 3))).toThrow("1 changes are missing");
    expect(() => checkHistory(truth, good.slice(0, 3))).not.toThrow();
  });

  it("finds any event lost, repeated, swapped or altered", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("lose", "repeat", "swap", "alter"),
        fc.integer({ min: 1, max: good.length - 1 }),
        (how, at) => {
          const seen = [...good];
          const event = seen[at]!;
          if (how === "lose") seen.splice(at, 1);
          else if (how === "repeat") seen.splice(at, 0, event);
          else if (how === "swap") {
            const other = at === seen.length - 1 ? at - 1 : at + 1;
            [seen[at], seen[other]] = [seen[other]!, event];
          } else if (event.type === "delta")
            seen[at] = delta(event.revision, {
              op: "put",
              instance: { ...a, revision: event.revision, port: 999 },
            });
          expect(check(seen)).toThrow(/event \d/);
        },
      ),
    );
  });
});
