import { seededRandom } from "@dp/core";
import { describe, expect, it } from "vitest";
import { instanceOf, putOf, syncOf } from "../test/scripted-registry.ts";
import {
  checkBy,
  counted,
  instancesOf,
  shareOf,
  viewOf,
} from "../test/view-of.ts";
import type { Balancer, Candidate } from "./balancers/balancer.ts";
import type { Lease, ServiceView } from "./view/service-view.ts";
import { slowStart } from "./slow-start.ts";

const old = instancesOf("old", 4);
const window = 20_000;
const weightOf = (view: ServiceView, id: string): number | undefined => {
  const found = view.explain().instances.find((each) => each.id === id);
  return found?.weight;
};

describe("the factor of a slow start", () => {
  it("rises from a tenth to one in a line, or as aggression bends it", () => {
    const line = slowStart({ window: "10s" });
    const ages = [0, 1000, 1500, 5000, 9999, 10_000, 1e9];
    const factors = ages.map((age) => line.factor(age));
    expect(factors).toEqual([0.1, 0.1, 0.15, 0.5, 0.9999, 1, 1]);
    const fast = slowStart({ window: "10s", aggression: 2 });
    expect(fast.factor(2500)).toBeCloseTo(0.5);
    const late = slowStart({ window: "10s", aggression: 0.5 });
    expect(late.factor(5000)).toBeCloseTo(0.25);
    expect(late.factor(2000)).toBe(0.1);
  });

  it("is never above one, however short the window", () => {
    const short = slowStart({ window: 100 });
    expect(short.factor(0)).toBe(1);
    expect(short.factor(100)).toBe(1);
  });

  it("refuses bad options, naming them", () => {
    expect(() => slowStart({ window: 0 })).toThrow("window");
    expect(() => slowStart({ window: "1s", aggression: 0 })).toThrow(
      "aggression",
    );
  });
});

describe("a newcomer", () => {
  const open = (options = {}) =>
    viewOf(old, { slowStart: slowStart({ window }), ...options });

  it("begins at a tenth and rises with time, unlike those of the first snapshot", async () => {
    const { clock, view, tell } = await open();
    await clock.advance(100_000);
    await tell(putOf(instanceOf("new", 2, { weight: 3 })));
    expect(weightOf(view, "new")).toBeCloseTo(0.3);
    expect(view.explain()).toMatchObject({
      text: "web: 5 of 5 instances may be picked; 1 starting slowly",
    });
    for (const { id } of old) expect(weightOf(view, id)).toBe(1);
    await clock.advance(window / 2);
    expect(weightOf(view, "new")).toBeCloseTo(1.5);
    await clock.advance(window / 2);
    expect(weightOf(view, "new")).toBe(3);
    expect(view.explain().text).toBe("web: 5 of 5 instances may be picked");
    expect(clock.pending).toBe(0);
  });

  it("is not set back by others that join, change or leave", async () => {
    const { clock, view, tell } = await open();
    await tell(putOf(instanceOf("new", 2)));
    await clock.advance(window / 2);
    await tell(putOf(instanceOf("newer", 3)));
    await tell(putOf(instanceOf("new", 4, { metadata: { a: 1 } })));
    await tell(syncOf(5, ...old.slice(1), instanceOf("new", 4)));
    expect(weightOf(view, "new")).toBeCloseTo(0.5);
  });

  it("begins anew as another process at another address", async () => {
    const { view, tell } = await open();
    await tell(putOf(instanceOf("old0", 2, { port: 9 })));
    expect(weightOf(view, "old0")).toBeCloseTo(0.1);
  });

  it("costs one rebuild a step, not one a pick", async () => {
    let updates = 0;
    const candidates: Candidate[] = [];
    const balancer: Balancer = {
      update: (next) => {
        updates++;
        candidates.splice(0, Infinity, ...next);
      },
      pick: () => candidates[0],
      settle: () => undefined,
    };
    const { clock, view, tell } = await open({ balancer });
    await tell(putOf(instanceOf("new", 2)));
    view.pick();
    updates = 0;
    for (let ms = 0; ms < window * 2; ms += 10) {
      await clock.advance(10);
      view.pick();
    }
    expect(updates).toBe(20);
  });

  it("begins when its first health result is good, not when it joins", async () => {
    const slow = new Set(["new"]);
    const health = checkBy(new Set(), slow);
    const { clock, view, tell } = await open({ health });
    await tell(putOf(instanceOf("new", 2)));
    slow.clear();
    await clock.advance(1000);
    expect(weightOf(view, "new")).toBeCloseTo(0.1);
    await clock.advance(window / 2);
    expect(weightOf(view, "new")).toBeCloseTo(0.5);
  });

  it("is also who turns healthy again, but not who was always healthy", async () => {
    const sick = new Set(["old0"]);
    const { clock, view } = await open({ health: checkBy(sick) });
    await clock.advance(60_000);
    expect(weightOf(view, "old0")).toBe(1);
    sick.clear();
    await clock.advance(1000);
    expect(weightOf(view, "old0")).toBeCloseTo(0.1);
    expect(weightOf(view, "old1")).toBe(1);
    sick.add("old0");
    await clock.advance(5000);
    sick.clear();
    await clock.advance(1000);
    expect(weightOf(view, "old0")).toBeCloseTo(0.1);
  });

  it("waits with the default balancer while the others have nothing in flight, and not once they have", async () => {
    const { clock, view, tell } = await open();
    await tell(putOf(instanceOf("new", 2)));
    await clock.advance(window * 0.9);
    expect(counted(view, 500).has("new")).toBe(false);
    await clock.advance(window * 0.1);
    expect(shareOf(counted(view, 2000), "new")).toBeGreaterThan(0.15);
    await tell(putOf(instanceOf("newer", 3)));
    const busy = Array.from({ length: 100 }, () => view.pick().instance.id);
    expect(busy.filter((id) => id === "newer").length).toBeGreaterThan(0);
  });

  it("gets everything when it is alone in its tier", async () => {
    const { view, tell } = await open();
    await tell(syncOf(2, ...old.slice(0, 2)));
    await tell(
      putOf(instanceOf("alone", 3, { priority: 0, host: "10.0.0.9" })),
    );
    const exclude = new Set(old.map(({ id }) => id));
    expect(view.pick({ exclude }).instance.id).toBe("alone");
  });
});

describe("a scale-up", () => {
  /** The most that are in flight on a newcomer at any time, of requests that take 200 ms, 5 of them every 10 ms. */
  const crest = async (options: object): Promise<number> => {
    const random = seededRandom(1);
    const { clock, view, tell } = await viewOf(old, { random, ...options });
    const due: { atMs: number; lease: Lease }[] = [];
    let most = 0;
    const run = async (ms: number): Promise<void> => {
      for (let step = 0; step < ms; step += 10) {
        await clock.advance(10);
        while ((due[0]?.atMs ?? Infinity) <= clock.now())
          due.shift()?.lease.success();
        for (let request = 0; request < 5; request++)
          due.push({ atMs: clock.now() + 200, lease: view.pick() });
        const newcomer = view.explain().instances.at(-1);
        if (newcomer?.id === "new") most = Math.max(most, newcomer.inFlight);
      }
    };
    await run(1000);
    await tell(putOf(instanceOf("new", 2)));
    await run(1000);
    return most;
  };

  it("is no stampede on the newcomer", async () => {
    // 100 in flight on five: twenty each once it is warm.
    expect(await crest({})).toBeGreaterThan(15);
    const slow = await crest({ slowStart: slowStart({ window: "60s" }) });
    expect(slow).toBeGreaterThan(0);
    expect(slow).toBeLessThan(6);
  });
});
