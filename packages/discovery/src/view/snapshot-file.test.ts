import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  instanceOf,
  putOf,
  scriptedRegistry,
  syncOf,
} from "../../test/scripted-registry.ts";
import { instancesOf } from "../../test/view-of.ts";
import { discover } from "../discover.ts";
import type { DiscoverOptions } from "../options.ts";
import type { ServiceView } from "./service-view.ts";
import { slowStart } from "../slow-start.ts";
import { decodeSnapshot } from "./snapshot-format.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dp-snapshot-"));
  path = join(folder, "web.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (options: DiscoverOptions = {}) => {
  const clock = new ManualClock();
  const registry = scriptedRegistry();
  const view = discover(registry, "web", {
    clock,
    random: seededRandom(1),
    snapshotFile: path,
    ...options,
  });
  const tell = async (...events: Parameters<typeof watch.emit>[0][]) => {
    for (const event of events) watch.emit(event);
    await clock.advance(0);
  };
  const watch = registry.opened[0]!;
  return { clock, registry, view, tell };
};
const patience = { timeout: 20_000, interval: 5 };
const eventually = (what: () => unknown) => expect.poll(what, patience);
/** For what a timer may begin that is not set yet. */
const soon = (clock: ManualClock, what: () => unknown) =>
  eventually(async () => {
    await clock.advance(0);
    return what();
  });
const stored = () => decodeSnapshot("web", readFileSync(path, "utf8"));
const storedIds = (): string[] => {
  try {
    return stored().instances.map(({ id }) => id);
  } catch {
    return [];
  }
};
const failures = (view: ServiceView, operation: string): number | undefined =>
  [...view.metrics()]
    .filter(({ name }) => name.endsWith("snapshot_file_failures_total"))
    .flatMap(({ samples }) => [...samples])
    .find(({ labels }) => labels["operation"] === operation)?.value;
const ids = (view: ServiceView) =>
  view.snapshot.instances.map(({ id }) => id).sort();

/** A file as an earlier process left it. */
const leave = async (count: number): Promise<void> => {
  const { clock, view, tell } = open();
  clock.jumpWall(1000);
  await tell(syncOf(7, ...instancesOf("i", count)));
  await view[Symbol.asyncDispose]();
};

describe("a view with a snapshot file, while the registry does not answer", () => {
  it("clears away what a killed process left half written", async () => {
    const abandoned = join(folder, "web.json.12-3-0123456789abcdef");
    writeFileSync(abandoned, "{");
    utimesSync(abandoned, 0, 0);
    const clock = new ManualClock();
    clock.jumpWall(3_600_001);
    const { view } = open({ clock });
    await eventually(() => readdirSync(folder)).toEqual([]);
    await view[Symbol.asyncDispose]();
  });

  it("goes on with what an earlier process knew, and says how old that is", async () => {
    await leave(3);
    const { clock, view } = open();
    clock.jumpWall(61_000);
    expect(() => view.pick()).toThrow("(unknown)");
    await view.ready({ minimum: 3 });
    expect(view.snapshot).toMatchObject({
      revision: 7n,
      stale: true,
      ageMs: 60_000,
      unconfirmed: new Set(["i0", "i1", "i2"]),
    });
    expect(view.explain().text).toContain("out of contact for 60000 ms");
    view.pick().success();
    const exclude = new Set(ids(view));
    expect(() => view.pick({ exclude })).toThrow("(excluded)");
    await clock.advance(500);
    expect(view.snapshot.ageMs).toBe(60_500);
    await view[Symbol.asyncDispose]();
    // What only the file said is not written again: it would grow younger by it.
    expect(stored().writtenAtMs).toBe(1000);
  });

  it("leaves the file as it is when it is disposed before anybody answers", async () => {
    await leave(3);
    await open().view[Symbol.asyncDispose]();
    expect(storedIds()).toHaveLength(3);
  });

  it("is never of negative age, however the wall clock jumped", async () => {
    await leave(1);
    const { clock, view } = open();
    await view.ready();
    clock.jumpWall(-1e9);
    expect(view.snapshot.ageMs).toBe(0);
  });

  it.each([
    ["rotten", "{", "it is not JSON"],
    ["foreign", "{}", "it is not a snapshot"],
    [
      "too new",
      '{"format":"dp-discovery-snapshot","version":2}',
      "its version is 2, not 1",
    ],
  ])("ignores a file that is %s, and says so", async (_name, text, why) => {
    writeFileSync(path, text);
    const { view, tell } = open();
    await eventually(() => failures(view, "read")).toBe(1);
    expect(view.explain().text).toContain(
      `snapshot file not used: DP_SNAPSHOT_FILE: ${why}`,
    );
    expect(() => view.pick()).toThrow("(unknown)");
    await tell(syncOf(1, instanceOf("a")));
    expect(view.pick().instance.id).toBe("a");
    await eventually(storedIds).toEqual(["a"]);
    await view[Symbol.asyncDispose]();
  });

  it("takes no file for no fault", async () => {
    const { view, tell } = open();
    await tell(syncOf(1, instanceOf("a")));
    await eventually(storedIds).toEqual(["a"]);
    expect(failures(view, "read")).toBe(0);
    await view[Symbol.asyncDispose]();
  });
});

describe("the first answer of the registry", () => {
  const recalled = async (options: DiscoverOptions = {}) => {
    await leave(4);
    const opened = open(options);
    await opened.view.ready();
    return opened;
  };

  it("replaces what the file said", async () => {
    const { view, tell } = await recalled();
    await tell(syncOf(9, ...instancesOf("i", 2), instanceOf("new", 9)));
    expect(ids(view)).toEqual(["i0", "i1", "new"]);
    expect(view.snapshot).toMatchObject({
      revision: 9n,
      stale: false,
      ageMs: 0,
      unconfirmed: new Set(),
    });
    await view[Symbol.asyncDispose]();
  });

  it("is doubted like any other when it lacks most of it", async () => {
    const { clock, view, tell } = await recalled();
    await tell(syncOf(9, instanceOf("i0")));
    expect(view.snapshot.unconfirmed).toEqual(new Set(["i1", "i2", "i3"]));
    await eventually(() => stored().revision).toBe(9n);
    expect(storedIds()).toHaveLength(4);
    await clock.advance(30_000);
    expect(ids(view)).toEqual(["i0"]);
    await soon(clock, storedIds).toEqual(["i0"]);
    const trusting = open({ holdRemovals: false });
    await trusting.view.ready();
    await trusting.tell(syncOf(9));
    expect(ids(trusting.view)).toEqual([]);
    await view[Symbol.asyncDispose]();
    await trusting.view[Symbol.asyncDispose]();
  });

  it("comes first when it is faster than the file", async () => {
    await leave(4);
    const { view, tell } = open();
    await tell(syncOf(9, instanceOf("a")));
    // Long enough for the view's own reading, which began before.
    for (let round = 0; round < 5; round++) await readFile(path);
    expect(ids(view)).toEqual(["a"]);
    await view[Symbol.asyncDispose]();
    const { view: next } = open();
    await next.ready();
    expect(ids(next)).toEqual(["a"]);
  });
});

describe("writing a snapshot file", () => {
  it("takes place at the first change, and then once a second at most", async () => {
    const { clock, view, tell } = open();
    await tell(syncOf(1, instanceOf("a")));
    await eventually(storedIds).toEqual(["a"]);
    await tell(putOf(instanceOf("b", 2)), putOf(instanceOf("c", 3)));
    await eventually(() => clock.pending).toBe(1);
    await clock.advance(999);
    expect(storedIds()).toEqual(["a"]);
    await clock.advance(1);
    await eventually(storedIds).toEqual(["a", "b", "c"]);
    await clock.advance(5000);
    expect(clock.pending).toBe(0);
    await view[Symbol.asyncDispose]();
  });

  it("does not miss what happens while it writes", async () => {
    const { clock, view, tell } = open();
    await tell(syncOf(1, instanceOf("a")));
    await tell(putOf(instanceOf("b", 2)));
    await eventually(async () => {
      await clock.advance(100);
      return storedIds();
    }).toEqual(["a", "b"]);
    await view[Symbol.asyncDispose]();
  });

  it("leaves a whole file and nothing beside it, for several views of one service", async () => {
    const { clock, registry, view, tell } = open({ random: () => 0.5 });
    const options = { clock, snapshotFile: path, random: () => 0.5 };
    const other = discover(registry, "web", options);
    for (let round = 1; round < 20; round++) {
      await tell(syncOf(round, ...instancesOf("i", 200)));
      await clock.advance(1000);
      await eventually(() => storedIds().length).toBe(200);
    }
    await Promise.all([view, other].map((each) => each[Symbol.asyncDispose]()));
    expect(readdirSync(folder)).toEqual(["web.json"]);
    expect(failures(view, "write")).toBe(0);
  });

  it("takes place at disposal, with the time until which it was true", async () => {
    const { clock, view, tell } = open();
    await tell(syncOf(1, instanceOf("a")));
    await tell(putOf(instanceOf("b", 2)));
    await clock.advance(90_000);
    await tell({ type: "stale", sinceMs: 80_000, error: new Error("cut") });
    const disposing = view[Symbol.asyncDispose]();
    expect(view[Symbol.asyncDispose]()).toBe(disposing);
    await disposing;
    expect(storedIds()).toEqual(["a", "b"]);
    expect(stored().writtenAtMs).toBe(80_000);
    expect(clock.pending).toBe(0);
  });

  it("is over at disposal, also what was under way, and the last word stays", async () => {
    const { view, tell } = open({ holdRemovals: false });
    await tell(syncOf(1, ...instancesOf("i", 20_000)));
    await tell(syncOf(2, instanceOf("a", 2)));
    await view[Symbol.asyncDispose]();
    expect(readdirSync(folder)).toEqual(["web.json"]);
    expect(storedIds()).toEqual(["a"]);
  });

  it("fails without harm where there is no folder, is counted, and is tried again", async () => {
    const missing = join(folder, "missing");
    const { clock, view, tell } = open({
      snapshotFile: join(missing, "web.json"),
    });
    await tell(syncOf(1, instanceOf("a")));
    await eventually(() => failures(view, "write")).toBe(1);
    expect(view.pick().instance.id).toBe("a");
    expect(view.explain().text).toContain("snapshot file not written: ENOENT");
    mkdirSync(missing);
    await clock.advance(5000);
    await tell(putOf(instanceOf("b", 2)));
    await soon(clock, () => readdirSync(missing)).toEqual(["web.json"]);
    await eventually(() => view.explain().text).not.toContain("snapshot file");
    await view[Symbol.asyncDispose]();
  });

  it("fails without harm when its place is taken by a folder", async () => {
    mkdirSync(path);
    const { view, tell } = open();
    await tell(syncOf(1, instanceOf("a")));
    await eventually(() => failures(view, "write")).toBe(1);
    expect(failures(view, "read")).toBe(1);
    expect(readdirSync(folder)).toEqual(["web.json"]);
    await view[Symbol.asyncDispose]();
  });

  it("fails without harm where JSON can carry nobody", async () => {
    const { view, tell } = open();
    await tell(syncOf(1, instanceOf("a", 1, { metadata: { big: 1n } })));
    await eventually(() => failures(view, "write")).toBe(1);
    expect(view.pick().instance.metadata).toEqual({ big: 1n });
    expect(readdirSync(folder)).toEqual([]);
    await view[Symbol.asyncDispose]();
  });

  it("leaves out whom JSON cannot carry, and says so in one line", async () => {
    const { clock, view, tell } = open();
    const big = { metadata: { big: 1n } };
    const bad = ["x\ny", "b", "c", "d"].map((id) => instanceOf(id, 1, big));
    await tell(syncOf(1, instanceOf("a"), ...bad));
    await eventually(() => view.explain().text).toContain("snapshot file");
    expect(view.explain().text).toMatch(
      /; snapshot file written without 4 that JSON cannot carry: x y, b, c, …$/,
    );
    expect(storedIds()).toEqual(["a"]);
    expect(failures(view, "write")).toBe(0);
    expect(view.pick().instance.id).toBeDefined();
    await tell(syncOf(2, instanceOf("a")));
    await clock.advance(60_000);
    await soon(clock, () => view.explain().text).not.toContain("snapshot file");
    await view[Symbol.asyncDispose]();
  });

  it("tells a failure in one line, whatever its folder is called", async () => {
    const snapshotFile = join(folder, "two\nlines\u2028three", "web.json");
    const { view, tell } = open({ snapshotFile });
    await tell(syncOf(1, instanceOf("a")));
    await eventually(() => failures(view, "write")).toBe(1);
    expect(view.explain().text).toContain("two lines three");
    await view[Symbol.asyncDispose]();
  });
});

describe("those of the snapshot file", () => {
  it("do not start slowly against each other, nor do those of the first answer", async () => {
    await leave(2);
    const { view, tell } = open({ slowStart: slowStart({ window: "10s" }) });
    await view.ready();
    await tell(syncOf(9, ...instancesOf("i", 2), instanceOf("new", 9)));
    const weights = view.explain().instances.map(({ weight }) => weight);
    expect(weights).toEqual([1, 1, 1]);
    await view[Symbol.asyncDispose]();
  });
});
