import { seededRandom } from "@dp/core";
import { drainMicrotasks, ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  instanceOf,
  putOf,
  scriptedRegistry,
  syncOf,
} from "../../test/scripted-registry.ts";
import { discover } from "../discover.ts";
import { healthCheck } from "../health/health-check.ts";
import type { ServiceView } from "./service-view.ts";

const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `i${index}`);

/** A view of ten instances, those in `sick` failing their checks and those in `slow` never answering. */
const open = async (
  sick: ReadonlySet<string>,
  slow: ReadonlySet<string> = new Set(),
  panicThreshold?: number,
  count: number = 10,
) => {
  const clock = new ManualClock();
  const registry = scriptedRegistry();
  const health = healthCheck.custom(
    async ({ id }) => {
      if (slow.has(id)) await new Promise(() => undefined);
      if (sick.has(id)) throw new Error("sick");
    },
    { interval: 1000, timeout: 500, rise: 1, fall: 1 },
  );
  const random = seededRandom(1);
  const view = discover(registry, "web", {
    clock,
    random,
    health,
    panicThreshold,
  });
  const [watch] = registry.opened;
  watch?.emit(syncOf(1, ...ids(count).map((id) => instanceOf(id))));
  await clock.advance(0);
  return { clock, view, watch: watch! };
};
const picked = (view: ServiceView): Set<string> => {
  const seen = new Set<string>();
  for (let pick = 0; pick < 500; pick++) {
    using lease = view.pick();
    seen.add(lease.instance.id);
  }
  return seen;
};

describe("panic", () => {
  it("does not set in while exactly the threshold is healthy", async () => {
    const { view } = await open(new Set(ids(5)));
    expect(view.snapshot.panic).toBe(false);
    expect(picked(view)).toEqual(new Set(["i5", "i6", "i7", "i8", "i9"]));
  });

  it("uses all that serve once less than the threshold is healthy, and ends with it", async () => {
    const sick = new Set(ids(6));
    const { clock, view, watch } = await open(sick);
    expect(view.snapshot.panic).toBe(true);
    expect(picked(view)).toEqual(new Set(ids(10)));
    watch.emit(putOf(instanceOf("i9", 2, { state: "draining" })));
    await drainMicrotasks();
    expect(picked(view)).toEqual(new Set(ids(9)));
    sick.clear();
    await clock.advance(1000);
    expect(view.snapshot.panic).toBe(false);
  });

  it("uses all when none is healthy", async () => {
    const { view } = await open(new Set(ids(10)));
    expect(view.explain().text).toContain("panic");
    expect(picked(view).size).toBe(10);
  });

  it("never sets in when turned off: then nobody healthy means nobody", async () => {
    const { view } = await open(new Set(ids(10)), new Set(), 0);
    expect(() => view.pick()).toThrow(
      "web: none is healthy of 10 that serve (unhealthy)",
    );
    const one = await open(new Set(ids(9)), new Set(), 0);
    expect(picked(one.view)).toEqual(new Set(["i9"]));
  });

  it("sets in as soon as one is sick when the threshold is one", async () => {
    const { view } = await open(new Set(["i0"]), new Set(), 1);
    expect(view.snapshot.panic).toBe(true);
    const { view: well } = await open(new Set(), new Set(), 1);
    expect(well.snapshot.panic).toBe(false);
  });
});

describe("an instance without a health result yet", () => {
  it("is picked while nobody is known to be healthy", async () => {
    const { clock, view } = await open(new Set(), new Set(ids(3)), 0.5, 3);
    expect(view.snapshot.panic).toBe(false);
    expect(picked(view)).toEqual(new Set(ids(3)));
    await clock.advance(500);
    expect(view.snapshot.panic).toBe(true);
  });

  it("waits while somebody is healthy, and does not count for panic", async () => {
    const slow = new Set(ids(8));
    const { clock, view } = await open(new Set(), slow);
    expect(picked(view)).toEqual(new Set(["i8", "i9"]));
    expect(view.snapshot.panic).toBe(false);
    expect(view.explain().instances[0]?.standing).toBe("pending");
    slow.clear();
    await clock.advance(1000);
    expect(picked(view)).toEqual(new Set(ids(10)));
  });

  it("is not ready", async () => {
    const { clock, view } = await open(new Set(), new Set(["i0"]), 0.5, 2);
    await view.ready({ minimum: 1 });
    let ready = false;
    void view.ready({ minimum: 2 }).then(() => (ready = true));
    await clock.advance(400);
    expect(ready).toBe(false);
  });
});

describe("the health of an id on a new port", () => {
  it("is found out anew, and the checks of the old port stop", async () => {
    const clock = new ManualClock();
    const registry = scriptedRegistry();
    const checked: number[] = [];
    const health = healthCheck.custom(
      ({ port }) => {
        checked.push(port);
        return port === 1
          ? Promise.reject(new Error("dead"))
          : Promise.resolve();
      },
      { interval: 1000 },
    );
    const view = discover(registry, "web", {
      clock,
      health,
      panicThreshold: 0,
    });
    const [watch] = registry.opened;
    watch?.emit(syncOf(1, instanceOf("a", 1, { port: 1 })));
    await clock.advance(0);
    expect(() => view.pick()).toThrow("(unhealthy)");
    watch?.emit(putOf(instanceOf("a", 2, { port: 2 })));
    await clock.advance(0);
    expect(view.pick().instance.port).toBe(2);
    watch?.emit(putOf(instanceOf("a", 3, { port: 2, weight: 5 })));
    await clock.advance(3000);
    expect(checked).toEqual([1, 2, 2, 2, 2]);
    await view[Symbol.asyncDispose]();
    expect(clock.pending).toBe(0);
  });
});
