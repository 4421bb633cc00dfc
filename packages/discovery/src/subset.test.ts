import { seededRandom } from "@dp/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  deleteOf,
  instanceOf,
  putOf,
  syncOf,
} from "../test/scripted-registry.ts";
import { checkBy, counted, instancesOf, viewOf } from "../test/view-of.ts";
import { healthCheck } from "./health/health-check.ts";
import type { ServiceView } from "./view/service-view.ts";
import { subset } from "./subset.ts";
import { xxhash32 } from "./xxhash32.ts";

const many = instancesOf("i", 20);
const used = (view: ServiceView): string[] =>
  view
    .explain()
    .instances.filter(({ share }) => share > 0)
    .map(({ id }) => id)
    .sort();
const open = (size: number, seed: string | number = "client", options = {}) =>
  viewOf(many, { subset: subset({ size, seed }), ...options });

describe("a subset", () => {
  it("is the first by the hash of the seed, as a naive sort finds them", async () => {
    const { view } = await open(5);
    const seed = xxhash32("client", 0);
    const sorted = many
      .map(({ id }) => ({ id, rank: xxhash32(id, seed) }))
      .sort((a, b) => a.rank - b.rank);
    const expected = sorted.slice(0, 5).map(({ id }) => id);
    expect(used(view)).toEqual(expected.sort());
    expect(counted(view, 500).size).toBe(5);
    expect(view.explain().text).toBe("web: 5 of 20 instances may be picked");
    const spare = view.explain().instances.find(({ share }) => share === 0);
    expect(spare).toMatchObject({
      standing: "unselected",
      eligible: false,
      why: "is not in the subset of this client",
    });
  });

  it("is the same in whatever order instances are listed, and another for another seed", async () => {
    const { view } = await open(5);
    const turned = await viewOf([...many].reverse(), {
      subset: subset({ size: 5, seed: "client" }),
    });
    expect(used(turned.view)).toEqual(used(view));
    const others = await Promise.all(
      [1, 2, 3].map(async (seed) => used((await open(5, seed)).view).join()),
    );
    expect(new Set([...others, used(view).join()]).size).toBe(4);
  });

  it("changes by at most one for one instance more or less, and stays as large", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const draw = seededRandom(seed);
        const { view, tell } = await open(4, seed);
        let revision = 1;
        let before = used(view);
        for (let step = 0; step < 40; step++) {
          const id = `i${Math.floor(draw() * 30)}`;
          const state = draw() < 0.2 ? "draining" : "serving";
          await tell(
            draw() < 0.5
              ? deleteOf(++revision, id)
              : putOf(instanceOf(id, ++revision, { state })),
          );
          const now = used(view);
          const { instances } = view.snapshot;
          const serving = instances.filter((each) => each.state === "serving");
          expect(now).toHaveLength(Math.min(4, serving.length));
          expect(
            now.filter((each) => !before.includes(each)).length,
          ).toBeLessThan(2);
          before = now;
        }
      }),
      { seed: 1, numRuns: 20 },
    );
  });

  it("keeps its size when members drain, turn sick or leave", async () => {
    const sick = new Set<string>();
    const { clock, view, tell } = await open(4, 1, { health: checkBy(sick) });
    const [first = "", second = "", third = ""] = used(view);
    await tell(putOf(instanceOf(first, 2, { state: "draining" })));
    expect(used(view)).toHaveLength(4);
    expect(used(view)).not.toContain(first);
    await tell(deleteOf(3, second));
    expect(used(view)).toHaveLength(4);
    // Health is for ejection and panic to deal with: clients that see it differently keep their choice.
    sick.add(third);
    await clock.advance(1000);
    expect(used(view)).toContain(third);
    await tell(putOf(instanceOf(first, 4)));
    expect(used(view)).toContain(first);
  });

  it("is checked, and nobody else is", async () => {
    const checked = new Set<string>();
    const health = healthCheck.custom(({ id }) => {
      checked.add(id);
      return Promise.resolve();
    });
    const { clock, view, tell } = await open(3, 1, { health });
    await clock.advance(10_000);
    expect([...checked].sort()).toEqual(used(view));
    const [first = ""] = used(view);
    await tell(deleteOf(2, first));
    checked.clear();
    await clock.advance(10_000);
    expect([...checked].sort()).toEqual(used(view));
    // Newcomers take the places of some.
    for (let each = 0; each < 40; each++)
      await tell(putOf(instanceOf(`new${each}`, 3 + each)));
    expect(used(view).some((id) => id.startsWith("new"))).toBe(true);
    expect(clock.pending).toBe(3);
    await view[Symbol.asyncDispose]();
    expect(clock.pending).toBe(0);
  });

  it("is drawn from each priority", async () => {
    const spare = instancesOf("spare", 10, { priority: 1 });
    const { view, tell } = await open(3);
    await tell(syncOf(2, ...many, ...spare));
    expect(used(view)).toHaveLength(6);
    const exclude = used(view).filter((id) => id.startsWith("i"));
    expect(counted(view, 300, exclude).size).toBe(3);
    const [moved = ""] = exclude;
    await tell(putOf(instanceOf(moved, 3, { priority: 1 })));
    const { instances } = view.explain();
    const inFirst = instances.filter(
      ({ priority, share }) => priority === 0 && share > 0,
    );
    expect(inFirst).toHaveLength(3);
  });

  it("settles leases of those it no longer has", async () => {
    const { view, tell } = await open(1);
    const lease = view.pick();
    await tell(putOf(instanceOf(lease.instance.id, 2, { state: "draining" })));
    expect(view.pick().instance.id).not.toBe(lease.instance.id);
    lease.success();
    const { instances } = view.explain();
    const left = instances.find(({ id }) => id === lease.instance.id);
    expect(left?.inFlight).toBe(0);
  });

  it("refuses bad options, naming them", () => {
    expect(() => subset({ size: 0, seed: 1 })).toThrow("size");
    const seed = {} as string;
    expect(() => subset({ size: 1, seed })).toThrow("seed");
  });
});
