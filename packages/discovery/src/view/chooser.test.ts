import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  deleteOf,
  instanceOf,
  putOf,
  scriptedRegistry,
  syncOf,
} from "../../test/scripted-registry.ts";
import { counted, instancesOf } from "../../test/view-of.ts";
import type { Balancer } from "../balancers/balancer.ts";
import { roundRobin } from "../balancers/round-robin.ts";
import { discover } from "../discover.ts";
import { healthCheck } from "../health/health-check.ts";
import type { DiscoverOptions } from "../options.ts";

/** A clock that moves on by `costMs` each time a balancer gets new candidates: what a rebuild of many costs. */
class WorkClock extends ManualClock {
  workMs = 0;
  costMs = 2;
  override now(): number {
    return super.now() + this.workMs;
  }
}

const open = async (
  count: number,
  options: DiscoverOptions = {},
  costMs: number = 2,
) => {
  const clock = new WorkClock();
  clock.costMs = costMs;
  const registry = scriptedRegistry();
  let updates = 0;
  const inner = roundRobin({ random: seededRandom(1) });
  const settled: string[] = [];
  const balancer: Balancer = {
    ...inner,
    update: (candidates) => {
      updates++;
      clock.workMs += clock.costMs;
      inner.update(candidates);
    },
    settle: ({ id }, { outcome }) => void settled.push(`${id} ${outcome}`),
  };
  const view = discover(registry, "web", { clock, balancer, ...options });
  const watch = registry.opened[0]!;
  const tell = async (...events: Parameters<typeof watch.emit>[0][]) => {
    for (const event of events) watch.emit(event);
    await clock.advance(0);
  };
  // Twice, since of two in a row the cheaper one counts.
  for (let time = 0; time < 2; time++) {
    await tell(syncOf(1, ...instancesOf("i", count)));
    view.pick().success();
  }
  updates = 0;
  settled.length = 0;
  return { clock, view, tell, updates: () => updates, settled };
};

describe("changes that take long to follow", () => {
  it("cost at most a tenth of the time, however fast they come", async () => {
    const { clock, view, tell, updates } = await open(1000);
    for (let change = 0; change < 1000; change++) {
      await tell(putOf(instanceOf(`new${change}`, change + 2)));
      view.pick().success();
      await clock.advance(1);
    }
    const share = (updates() * clock.costMs) / clock.now();
    expect(share).toBeLessThanOrEqual(0.1);
    expect(share).toBeGreaterThan(0.09);
    expect(view.explain().instances).toHaveLength(2000);
  });

  it("cost that also where each takes little, but a thousand instances are there", async () => {
    const { clock, view, tell, updates } = await open(1000, {}, 0.1);
    for (let change = 0; change < 1000; change++) {
      await tell(putOf(instanceOf("new", change + 2)));
      view.pick().success();
      clock.workMs += 0.1;
    }
    expect(updates()).toBeLessThan(210);
  });

  it("never leave a pick to whom they removed or drained", async () => {
    const { view, tell, settled } = await open(1000);
    const next = (await open(1000)).view.pick().instance.id;
    await tell(deleteOf(2, "i1"), deleteOf(3, next));
    await tell(putOf(instanceOf("i3", 4, { state: "draining" })));
    const counts = counted(view, 1000);
    for (const id of ["i1", "i3", next]) expect(counts.has(id)).toBe(false);
    // Whom the balancer had picked in vain is off its count.
    expect(settled.length).toBe(1001);
    expect(
      settled.filter((each) => each.endsWith("cancelled")).length,
    ).toBeGreaterThan(0);
    const inFlight = view.explain().instances.map((each) => each.inFlight);
    expect(Math.max(...inFlight)).toBe(0);
  });

  it("are seen within two seconds after rebuilds in which the process stood still, and soon after one", async () => {
    const { clock, view, tell, updates } = await open(1000);
    clock.costMs = 3_600_000;
    for (const id of ["new", "newer"]) {
      await tell(putOf(instanceOf(id, 2)));
      await clock.advance(100);
      view.pick().success();
    }
    expect(updates()).toBe(2);
    await tell(putOf(instanceOf("newest", 3)));
    await clock.advance(1999);
    view.pick().success();
    expect(updates()).toBe(2);
    await clock.advance(1);
    view.pick().success();
    expect(updates()).toBe(3);
  });

  it("are seen at once by whoever reads, waits or finds nobody", async () => {
    const { view, tell } = await open(1000);
    await tell(putOf(instanceOf("new", 2)));
    await view.ready({ minimum: 1001 });
    await tell(putOf(instanceOf("newer", 3)));
    const exclude = new Set(
      [...instancesOf("i", 1000), instanceOf("new")].map(({ id }) => id),
    );
    expect(view.pick({ exclude }).instance.id).toBe("newer");
    await tell(putOf(instanceOf("newest", 4)));
    expect(view.snapshot.instances).toHaveLength(1003);
    expect(view.explain().text).toContain("1003 of 1003");
  });
});

describe("health that takes long to follow", () => {
  /** Checks that wait for the test to answer them, the longest waiting first. */
  const asked = () => {
    const waiting: { id: string; answer: (well: boolean) => void }[] = [];
    const health = healthCheck.custom(
      ({ id }) =>
        new Promise<void>((resolve, reject) => {
          const answer = (well: boolean): void =>
            well ? resolve() : reject(new Error("sick"));
          waiting.push({ id, answer });
        }),
      { interval: "1h", timeout: "1h", fall: 1 },
    );
    return { waiting, health };
  };

  it("costs no more when each instance turns out to be well than changes do", async () => {
    const { waiting, health } = asked();
    const { clock, view, updates } = await open(1000, { health });
    for (let ms = 0; ms < 1000; ms++) {
      waiting.shift()?.answer(true);
      await clock.advance(1);
      view.pick().success();
    }
    expect((updates() * clock.costMs) / clock.now()).toBeLessThanOrEqual(0.1);
    expect(view.explain().text).toContain("1000 of 1000");
  });

  it("never leaves a pick to whom a check found sick", async () => {
    const { waiting, health } = asked();
    const { clock, view, tell } = await open(1000, { health });
    while (waiting.length > 0) {
      waiting.shift()?.answer(true);
      await clock.advance(0);
    }
    await clock.advance(3_600_000);
    // The candidates have just been worked out: more than this would wait.
    await tell(putOf(instanceOf("new", 2)));
    view.pick().success();
    const sick = waiting.shift();
    sick?.answer(false);
    await clock.advance(0);
    const counts = counted(view, 2000);
    expect(counts.size).toBe(999);
    expect(counts.has(sick?.id ?? "")).toBe(false);
  });
});

describe("changes of a small service that take less than two milliseconds to follow", () => {
  it("are followed by the next pick", async () => {
    const { view, tell, updates } = await open(900, {}, 1.9);
    for (let change = 0; change < 10; change++) {
      await tell(putOf(instanceOf("new", change + 2)));
      view.pick().success();
      view.pick().success();
    }
    expect(updates()).toBe(10);
  });

  it("cost one rebuild for a storm", async () => {
    const { view, tell, updates } = await open(3, {}, 1.9);
    await tell(
      ...instancesOf("new", 200).map((each, index) =>
        putOf({ ...each, revision: BigInt(index + 2) }),
      ),
    );
    view.pick().success();
    expect(updates()).toBe(1);
  });
});
