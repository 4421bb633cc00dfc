import { drainMicrotasks, ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  deleteOf,
  instanceOf,
  putOf,
  scriptedRegistry,
  syncOf,
} from "../../test/scripted-registry.ts";
import { discover } from "../discover.ts";
import { ClosedError } from "../errors.ts";
import type { Instance } from "../instance.ts";
import { memoryRegistry } from "../registries/memory.ts";
import type { ServiceView } from "./service-view.ts";

const open = () => {
  const clock = new ManualClock();
  const registry = scriptedRegistry();
  const view = discover(registry, "web", {
    clock,
    // Half of each cap: a tenth, and this part of the rest.
    random: () => 0.444,
    holdRemovals: false,
  });
  return { clock, registry, view };
};
const ids = (view: ServiceView): string[] =>
  view.snapshot.instances.map(({ id }) => id).sort();

describe("all views of one service on one registry object", () => {
  it("share one watch, which ends with the last of them", async () => {
    const { registry, view, clock } = open();
    const other = discover(registry, "web", { clock });
    const mail = discover(registry, "mail", { clock });
    expect(registry.opened).toHaveLength(2);
    registry.opened[0]?.emit(syncOf(1, instanceOf("a")));
    await drainMicrotasks();
    const late = discover(registry, "web", { clock });
    expect(registry.opened).toHaveLength(2);
    for (const each of [view, other, late]) expect(ids(each)).toEqual(["a"]);
    expect(ids(mail)).toEqual([]);
    await view[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    await drainMicrotasks();
    expect(registry.opened[0]?.open).toBe(true);
    await late[Symbol.asyncDispose]();
    await drainMicrotasks();
    expect(registry.opened[0]?.open).toBe(false);
    const again = discover(registry, "web", { clock });
    expect(registry.opened).toHaveLength(3);
    expect(again.snapshot.stale).toBe(true);
  });

  it("leave nothing behind in a registry", async () => {
    const clock = new ManualClock();
    const registry = memoryRegistry({ clock });
    const views = [1, 2, 3].map(() => discover(registry, "web", { clock }));
    await drainMicrotasks();
    expect(registry.watches).toBe(1);
    for (const view of views) await view[Symbol.asyncDispose]();
    expect(registry.watches).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

describe("a view out of contact with its registry", () => {
  it("knows nothing before the first answer", () => {
    const { view } = open();
    expect(view.snapshot).toMatchObject({
      revision: 0n,
      stale: true,
      instances: [],
    });
    expect(() => view.pick()).toThrow(
      "no answer from its registry yet (unknown)",
    );
  });

  it("goes on with what it knew when told so, and says how old that is", async () => {
    const { clock, registry, view } = open();
    const [watch] = registry.opened;
    await clock.advance(1000);
    watch?.emit(syncOf(1, instanceOf("a")));
    await clock.advance(5000);
    expect(view.snapshot).toMatchObject({
      stale: false,
      ageMs: 0,
      revision: 1n,
    });
    watch?.emit({ type: "stale", sinceMs: 4000, error: new Error("cut") });
    await clock.advance(500);
    expect(view.snapshot).toMatchObject({ stale: true, ageMs: 2500 });
    expect(view.pick().instance.id).toBe("a");
    watch?.emit({ type: "fresh", revision: 1n });
    await drainMicrotasks();
    expect(view.snapshot).toMatchObject({ stale: false, ageMs: 0 });
  });

  it("goes on when its watch fails, and watches again after ever longer waits", async () => {
    const { clock, registry, view } = open();
    registry.opened[0]?.emit(syncOf(1, instanceOf("a")));
    await clock.advance(1000);
    registry.opened[0]?.fail(new Error("reset"));
    await clock.advance(0);
    expect(view.snapshot).toMatchObject({ stale: true, ageMs: 0 });
    const openedAt: number[] = [];
    let known = 1;
    while (clock.now() < 60_000) {
      await clock.advance(10);
      if (registry.opened.length === known) continue;
      known++;
      openedAt.push(clock.now());
      registry.opened.at(-1)?.fail(new Error("refused"));
    }
    const waits = openedAt.map(
      (at, index) => at - (openedAt[index - 1] ?? 1000),
    );
    expect(waits.slice(0, 6)).toEqual([50, 100, 200, 400, 800, 1600]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5010);
    expect(view.pick().instance.id).toBe("a");
    expect(view.snapshot.ageMs).toBe(clock.now() - 1000);
    await clock.advance(6000);
    registry.opened.at(-1)?.emit(syncOf(2, instanceOf("b", 2)));
    await clock.advance(0);
    expect(view.snapshot).toMatchObject({ stale: false, ageMs: 0 });
    expect(ids(view)).toEqual(["b"]);
    await view[Symbol.asyncDispose]();
    await clock.advance(0);
    expect(clock.pending).toBe(0);
  });

  it("watches again when a watch ends by itself", async () => {
    const { clock, registry } = open();
    registry.opened[0]?.end();
    await clock.advance(100);
    expect(registry.opened).toHaveLength(2);
  });

  it("stops trying when the registry was disposed", async () => {
    const clock = new ManualClock();
    const registry = memoryRegistry({ clock });
    await registry.register({ service: "web", host: "h", port: 1 });
    const view = discover(registry, "web", { clock });
    await view.ready();
    await registry[Symbol.asyncDispose]();
    await clock.advance(60_000);
    expect(clock.pending).toBe(0);
    expect(view.snapshot).toMatchObject({ stale: true, instances: [] });
  });

  it("stops waiting to try again when it is disposed", async () => {
    const { clock, registry, view } = open();
    registry.opened[0]?.fail(new Error("reset"));
    await clock.advance(0);
    expect(clock.pending).toBe(1);
    await view[Symbol.asyncDispose]();
    await clock.advance(0);
    expect(clock.pending).toBe(0);
    expect(registry.opened).toHaveLength(1);
  });
});

describe("refresh", () => {
  it("lists once for all who ask at the same time", async () => {
    const { registry, view, clock } = open();
    const other = discover(registry, "web", { clock });
    registry.answer = () => Promise.resolve([instanceOf("a")]);
    await Promise.all([view.refresh(), view.refresh(), other.refresh()]);
    expect(registry.lists).toBe(1);
    expect(ids(view)).toEqual(["a"]);
    expect(ids(other)).toEqual(["a"]);
    await view.refresh();
    expect(registry.lists).toBe(2);
  });

  it("rejects with the registry's error and keeps what was known", async () => {
    const { registry, view } = open();
    registry.opened[0]?.emit(syncOf(1, instanceOf("a")));
    await drainMicrotasks();
    registry.answer = () => Promise.reject(new Error("no answer"));
    await expect(view.refresh()).rejects.toThrow("no answer");
    expect(ids(view)).toEqual(["a"]);
    registry.answer = () => Promise.resolve([instanceOf("b", 2)]);
    await view.refresh();
    expect(ids(view)).toEqual(["b"]);
    expect(view.snapshot.revision).toBe(2n);
  });

  it("does not undo what the watch told while the list was under way", async () => {
    const { registry, view } = open();
    const [watch] = registry.opened;
    watch?.emit(syncOf(2, instanceOf("gone", 1), instanceOf("old", 2)));
    await drainMicrotasks();
    let reply: (listed: readonly Instance[]) => void = () => undefined;
    registry.answer = () => new Promise((resolve) => (reply = resolve));
    const refreshing = view.refresh();
    watch?.emit(deleteOf(3, "gone"));
    watch?.emit(putOf(instanceOf("new", 4)));
    await drainMicrotasks();
    reply([instanceOf("gone", 1), instanceOf("old", 2)]);
    await refreshing;
    expect(ids(view)).toEqual(["new", "old"]);
  });

  it("gives way to a sync that came while the list was under way", async () => {
    const { registry, view } = open();
    let reply: (listed: readonly Instance[]) => void = () => undefined;
    registry.answer = () => new Promise((resolve) => (reply = resolve));
    const refreshing = view.refresh();
    registry.opened[0]?.emit(syncOf(5, instanceOf("b", 5)));
    await drainMicrotasks();
    reply([instanceOf("a", 1)]);
    await refreshing;
    expect(ids(view)).toEqual(["b"]);
  });

  it("is not undone by a watch that lags behind it", async () => {
    const { registry, view } = open();
    const [watch] = registry.opened;
    watch?.emit(syncOf(1, instanceOf("a", 1)));
    await drainMicrotasks();
    registry.answer = () =>
      Promise.resolve([instanceOf("a", 5, { weight: 5 })]);
    await view.refresh();
    watch?.emit(putOf(instanceOf("a", 3, { weight: 3 })));
    watch?.emit(deleteOf(4, "a"));
    await drainMicrotasks();
    expect(view.snapshot.instances).toMatchObject([{ id: "a", weight: 5 }]);
    watch?.emit(deleteOf(6, "a"));
    await drainMicrotasks();
    expect(ids(view)).toEqual([]);
  });

  it("resets the age while out of contact", async () => {
    const { clock, registry, view } = open();
    await clock.advance(500);
    expect(view.snapshot.ageMs).toBe(500);
    registry.answer = () => Promise.resolve([instanceOf("a")]);
    await view.refresh();
    await clock.advance(70);
    expect(view.snapshot).toMatchObject({ stale: true, ageMs: 70 });
    await view.ready();
    await view[Symbol.asyncDispose]();
    await expect(view.refresh()).rejects.toThrow(ClosedError);
  });
});
