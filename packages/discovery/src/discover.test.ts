import { InvalidOptionError, seededRandom } from "@dp/core";
import { drainMicrotasks, ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  deleteOf,
  instanceOf,
  putOf,
  scriptedRegistry,
  syncOf,
} from "../test/scripted-registry.ts";
import { roundRobin } from "./balancers/round-robin.ts";
import { discover } from "./discover.ts";
import { ClosedError, NoInstanceError } from "./errors.ts";
import type { Instance } from "./instance.ts";
import type { DiscoverOptions } from "./options.ts";
import { outlierDetection } from "./outlier/outlier-detection.ts";
import type { ServiceView } from "./view/service-view.ts";

const open = async (
  instances: readonly Instance[],
  options: DiscoverOptions = {},
) => {
  const clock = new ManualClock();
  const registry = scriptedRegistry();
  const random = seededRandom(1);
  const view = discover(registry, "web", { clock, random, ...options });
  const watch = registry.opened[0]!;
  watch.emit(syncOf(1, ...instances));
  await drainMicrotasks();
  const tell = async (event: Parameters<typeof watch.emit>[0]) => {
    watch.emit(event);
    await drainMicrotasks();
  };
  return { clock, registry, view, tell };
};
const [a, b, c, d] = ["a", "b", "c", "d"].map((id) => instanceOf(id)) as [
  Instance,
  Instance,
  Instance,
  Instance,
];
const picked = (view: ServiceView, picks: number = 200): string[] => {
  const ids = new Set<string>();
  for (let pick = 0; pick < picks; pick++) {
    using lease = view.pick();
    ids.add(lease.instance.id);
  }
  return [...ids].sort();
};
const refusal = (pick: () => unknown): NoInstanceError => {
  try {
    pick();
  } catch (error) {
    if (NoInstanceError.is(error)) return error;
  }
  throw new Error("it was not refused");
};

describe("a view", () => {
  it("picks among all that serve and follows every change", async () => {
    const { view, tell } = await open([a, b]);
    expect(picked(view)).toEqual(["a", "b"]);
    await tell(putOf(instanceOf("c", 2)));
    expect(picked(view)).toEqual(["a", "b", "c"]);
    await tell(deleteOf(3, "a"));
    expect(picked(view)).toEqual(["b", "c"]);
  });

  it("gives new picks to nobody who drains, and keeps what it has", async () => {
    const { view, tell } = await open([a, b]);
    const held = [view.pick(), view.pick(), view.pick(), view.pick()];
    await tell(putOf(instanceOf("a", 2, { state: "draining" })));
    expect(picked(view)).toEqual(["b"]);
    for (const lease of held) lease.success();
    expect(view.snapshot.instances).toHaveLength(2);
    await tell(putOf(instanceOf("b", 3, { state: "draining" })));
    expect(refusal(() => view.pick()).reason).toBe("empty");
    await tell(putOf(instanceOf("a", 4)));
    expect(picked(view)).toEqual(["a"]);
  });

  it("does not pin an instance: the cache is never older than the last event", async () => {
    const { clock, view, tell } = await open([a]);
    await clock.advance(3_600_000);
    expect(picked(view)).toEqual(["a"]);
    await tell(deleteOf(2, "a"));
    expect(refusal(() => view.pick()).reason).toBe("empty");
  });

  it("says why nobody can be picked", async () => {
    const { view, tell } = await open([a, b]);
    const exclude = new Set(["a", "b"]);
    const excluded = refusal(() => view.pick({ exclude }));
    expect(excluded).toMatchObject({
      reason: "excluded",
      code: "DP_NO_INSTANCE",
      retryable: true,
      service: "web",
      ageMs: 0,
    });
    expect(excluded.message).toBe(
      "DP_NO_INSTANCE: web: all that are left are excluded by the caller: 2 (excluded)",
    );
    await tell(syncOf(2));
    // Held: a snapshot without anybody is doubted.
    expect(picked(view)).toEqual(["a", "b"]);
    await tell(deleteOf(3, "a"));
    await tell(deleteOf(4, "b"));
    expect(refusal(() => view.pick()).reason).toBe("empty");
    const unknown = discover(scriptedRegistry(), "web");
    expect(refusal(() => unknown.pick())).toMatchObject({
      reason: "unknown",
      ageMs: undefined,
    });
    await unknown[Symbol.asyncDispose]();
  });

  it("gives its balancer the weights of the registry", async () => {
    const { view, tell } = await open([a, b]);
    await tell(putOf(instanceOf("b", 2, { weight: 9 })));
    for (let pick = 0; pick < 1000; pick++) view.pick();
    const [onA, onB] = view.explain().instances.map((each) => each.inFlight);
    expect(onB! / onA!).toBeGreaterThan(8);
    expect(onB! / onA!).toBeLessThan(10);
  });

  it("has its name in all its metrics, if it has one", async () => {
    const labelsOf = ({ view }: { view: ServiceView }) =>
      [...view.metrics()].flatMap(({ samples }) =>
        [...samples].map(({ labels }) => labels["view"]),
      );
    expect(new Set(labelsOf(await open([a])))).toEqual(new Set([undefined]));
    const named = await open([a], { name: "fallback" });
    expect(new Set(labelsOf(named))).toEqual(new Set(["fallback"]));
    await expect(open([a], { name: "" })).rejects.toThrow(InvalidOptionError);
  });

  it("refuses a balancer that another open view uses", async () => {
    const balancer = roundRobin();
    const { view } = await open([a], { balancer });
    expect(() => discover(scriptedRegistry(), "web", { balancer })).toThrow(
      InvalidOptionError,
    );
    await view[Symbol.asyncDispose]();
    const next = discover(scriptedRegistry(), "web", { balancer });
    await next[Symbol.asyncDispose]();
  });

  it("refuses bad options, naming them", () => {
    const registry = scriptedRegistry();
    const bad: [DiscoverOptions, string][] = [
      [{ panicThreshold: 1.1 }, "panicThreshold"],
      [{ panicThreshold: NaN }, "panicThreshold"],
      [{ holdRemovals: { share: -1 } }, "holdRemovals.share"],
      [{ holdRemovals: { grace: -1 } }, "holdRemovals.grace"],
    ];
    for (const [options, name] of bad)
      expect(() => discover(registry, "web", options)).toThrow(name);
    expect(() => discover(registry, "")).toThrow("service");
    expect(registry.opened).toHaveLength(0);
  });

  it("refuses everything once disposed", async () => {
    const { view } = await open([a]);
    await view[Symbol.asyncDispose]();
    await view[Symbol.asyncDispose]();
    expect(view.snapshot.instances).toEqual([]);
    expect(() => view.pick()).toThrow(ClosedError);
    expect(() => view.pick()).toThrow("DP_CLOSED: the view of web is closed");
    await expect(view.ready()).rejects.toThrow(ClosedError);
  });
});

describe("ready", () => {
  it("resolves when as many as asked are ready", async () => {
    const { clock, view, tell } = await open([a]);
    await view.ready();
    let done = false;
    const waiting = view.ready({ minimum: 2 }).then(() => (done = true));
    await clock.advance(0);
    expect(done).toBe(false);
    await tell(putOf(instanceOf("b", 2, { state: "draining" })));
    expect(done).toBe(false);
    await tell(putOf(instanceOf("b", 3)));
    await waiting;
  });

  it("resolves when an ejection ends, by the clock alone", async () => {
    const outlier = outlierDetection({ consecutive: 1, for: "5s" });
    const { clock, view } = await open([a, b], { outlier });
    view.pick().failure();
    let done = false;
    const waiting = view.ready({ minimum: 2 }).then(() => (done = true));
    await clock.advance(4999);
    expect(done).toBe(false);
    await clock.advance(1);
    await waiting;
    expect(clock.pending).toBe(0);
  });

  it("rejects with the signal's reason, or when the view is disposed", async () => {
    const { view } = await open([]);
    const abort = new AbortController();
    const aborted = view.ready({ signal: abort.signal });
    const disposed = view.ready();
    abort.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    await expect(view.ready({ signal: abort.signal })).rejects.toThrow(
      "enough",
    );
    await view[Symbol.asyncDispose]();
    await expect(disposed).rejects.toThrow(ClosedError);
  });
});

describe("a snapshot that lacks many instances", () => {
  const held = (view: ServiceView): string[] =>
    [...view.snapshot.unconfirmed].sort();

  it("is doubted for its grace, then believed", async () => {
    const { clock, view, tell } = await open([a, b, c, d]);
    await tell(syncOf(2, a));
    expect(held(view)).toEqual(["b", "c", "d"]);
    await clock.advance(29_999);
    expect(picked(view)).toEqual(["a", "b", "c", "d"]);
    await clock.advance(1);
    expect(picked(view)).toEqual(["a"]);
    expect(held(view)).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("is believed at once when it lacks no more than the share", async () => {
    const { view, tell } = await open([a, b, c, d]);
    await tell(syncOf(2, a, b));
    expect(picked(view)).toEqual(["a", "b"]);
  });

  it("is forgotten as soon as the instances are there again", async () => {
    const { clock, view, tell } = await open([a, b, c]);
    await tell(syncOf(2));
    await clock.advance(10_000);
    await tell(syncOf(3, a));
    await tell(putOf(instanceOf("b", 4)));
    expect(held(view)).toEqual(["c"]);
    await clock.advance(20_000);
    expect(picked(view)).toEqual(["a", "b"]);
  });

  it("does not keep whom a live change removes", async () => {
    const { view, tell } = await open([a, b, c]);
    await tell(syncOf(2));
    await tell(deleteOf(3, "b"));
    expect(held(view)).toEqual(["a", "c"]);
    expect(picked(view)).toEqual(["a", "c"]);
  });

  it("does not gain more time from snapshots that say the same", async () => {
    const { clock, view, tell } = await open([a, b]);
    await tell(syncOf(2));
    await clock.advance(20_000);
    await tell(syncOf(3));
    await clock.advance(10_000);
    expect(refusal(() => view.pick()).reason).toBe("empty");
  });

  it("starts anew with whom comes back after the grace, read or not in between", async () => {
    const outlier = outlierDetection({ consecutive: 5 });
    const { clock, view, tell } = await open([a], { outlier });
    view.pick().failure();
    await tell(syncOf(2));
    await clock.advance(30_000);
    await tell(putOf(instanceOf("a", 3)));
    expect(view.explain().instances[0]).toMatchObject({ failures: 0 });
    view.pick().failure();
    await tell(syncOf(4));
    await clock.advance(29_000);
    await tell(putOf(instanceOf("a", 5)));
    expect(view.explain().instances[0]).toMatchObject({ failures: 1 });
  });

  it("is believed when only the reader was too slow", async () => {
    const { view, tell } = await open([a, b, c]);
    await tell({ ...syncOf(2, a), reason: "overflow" });
    expect(picked(view)).toEqual(["a"]);
  });

  it("is doubted when it is a list, too", async () => {
    const { registry, view } = await open([a, b, c]);
    registry.answer = () => Promise.resolve([a]);
    await view.refresh();
    expect(held(view)).toEqual(["b", "c"]);
  });

  it("is believed when told to", async () => {
    const { view, tell } = await open([a, b], { holdRemovals: false });
    await tell(syncOf(2));
    expect(refusal(() => view.pick()).reason).toBe("empty");
  });

  it("is doubted by the share and for the grace that were asked for", async () => {
    const hold = { share: 0, grace: "5s" } as const;
    const { clock, view, tell } = await open([a, b, c], { holdRemovals: hold });
    await tell(syncOf(2, a, b));
    expect(held(view)).toEqual(["c"]);
    await clock.advance(5000);
    expect(held(view)).toEqual([]);
  });

  it("is doubted for ever when asked to, however many come after it", async () => {
    const { clock, view, tell } = await open([a, b, c], {
      holdRemovals: { grace: Infinity },
    });
    await tell(syncOf(2, a));
    const many = Array.from({ length: 20 }, (_, index) =>
      instanceOf(`new${index}`, 3),
    );
    await tell(syncOf(3, a, ...many));
    await clock.advance(1e12);
    await tell(syncOf(4, a, ...many));
    expect(held(view)).toEqual(["b", "c"]);
    await tell(syncOf(5, a, b, ...many));
    await tell(deleteOf(6, "c"));
    expect(held(view)).toEqual([]);
  });
});

describe("what a view shows", () => {
  it("explains a pick without picking", async () => {
    const { view, tell } = await open([a, b]);
    await tell(putOf(instanceOf("b", 2, { state: "draining" })));
    const lease = view.pick();
    const explanation = view.explain({ exclude: new Set(["a"]) });
    expect(explanation).toMatchObject({
      text: "web: all that are left are excluded by the caller: 1",
      refusal: "excluded",
      panic: false,
      stale: false,
      ageMs: 0,
    });
    expect(explanation.instances).toMatchObject([
      {
        id: "a",
        standing: "ready",
        eligible: false,
        excluded: true,
        inFlight: 1,
      },
      {
        id: "b",
        standing: "draining",
        eligible: false,
        excluded: false,
        inFlight: 0,
      },
    ]);
    lease.success();
    expect(view.explain().text).toBe("web: 1 of 2 instances may be picked");
  });

  it("counts what happened", async () => {
    const { clock, view, tell } = await open([a, b]);
    view.pick().success();
    view.pick().success();
    view.pick().failure();
    view.pick();
    refusal(() => view.pick({ exclude: new Set(["a", "b"]) }));
    await tell({ type: "stale", sinceMs: 0, error: new Error("cut") });
    await clock.advance(2500);
    const lines = [...view.metrics()].flatMap((family) =>
      [...family.samples].map(({ labels, value }) => {
        const { service, ...rest } = labels;
        expect(service).toBe("web");
        const name = family.name.replace("dp_discovery_", "");
        return [name, ...Object.values(rest), value].join(" ");
      }),
    );
    expect(lines).toEqual([
      "instances ready 2",
      "instances pending 0",
      "instances unhealthy 0",
      "instances ejected 0",
      "instances draining 0",
      "instances unselected 0",
      "picks_total 4",
      "refused_picks_total unknown 0",
      "refused_picks_total empty 0",
      "refused_picks_total unhealthy 0",
      "refused_picks_total excluded 1",
      "settled_total success 2",
      "settled_total failure 1",
      "settled_total cancelled 0",
      "in_flight 1",
      "ejections_total 0",
      "health_checks_total passed 0",
      "health_checks_total failed 0",
      "tier_load 0 all 1",
      "slow_starting 0",
      "unconfirmed 0",
      "snapshot_file_failures_total read 0",
      "snapshot_file_failures_total write 0",
      "revision 1",
      "panic 0",
      "stale 1",
      "age_seconds 2.5",
    ]);
  });
});
