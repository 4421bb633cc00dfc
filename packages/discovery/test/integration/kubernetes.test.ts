import { describe, expect, it } from "vitest";
import { passUntil, turn } from "../passing-time.ts";
import { watchService, type Watcher } from "../watcher.ts";
import {
  clock,
  double,
  errors,
  one,
  registryOf,
  stageEachTest,
  two,
  until,
  watching,
} from "./kubernetes-scene.ts";

stageEachTest();
const told = (watcher: Watcher, count: number): Promise<void> =>
  until(() => watcher.events.length >= count);

describe("a watched service", () => {
  it("is the union of its slices, each change as it comes, cut into chunks anywhere", async () => {
    double.put("users-a", one);
    double.put("mail-a", { service: "mail", endpoints: ["10.9.9.9"] });
    await using registry = registryOf();
    const watcher = await watching(registry);
    double.put("users-b", { endpoints: ["10.0.0.2", "10.0.0.3"] });
    double.put("users-a", {
      endpoints: [
        {
          addresses: ["10.0.0.1"],
          conditions: { ready: false, serving: true, terminating: true },
        },
      ],
    });
    double.put("mail-a", { service: "mail", endpoints: [] });
    await told(watcher, 3);
    double.remove("users-b");
    await told(watcher, 4);
    expect(watcher.told).toEqual([
      "sync initial 10.0.0.1:80",
      "delta +10.0.0.2:80 +10.0.0.3:80",
      "delta +10.0.0.1:80(draining)",
      "delta -10.0.0.2:80 -10.0.0.3:80",
    ]);
    expect(errors).toEqual([]);
    expect(double.requests).toEqual(["list", "watch 102"]);
  });

  it("does not lose an endpoint that leaves one slice before it enters another", async () => {
    double.put("users-a", two);
    await using registry = registryOf();
    const watcher = await watching(registry);
    double.put("users-a", one);
    await until(() => clock.now() > 150);
    double.put("users-b", { endpoints: ["10.0.0.2"] });
    await passUntil(clock, 20, () => clock.now() > 2_000);
    double.put("users-b", { endpoints: [] });
    await told(watcher, 2);
    expect(watcher.told).toEqual([
      "sync initial 10.0.0.1:80 10.0.0.2:80",
      "delta -10.0.0.2:80",
    ]);
  });

  it("loses an endpoint at once that a slice says is not ready", async () => {
    double.put("users-a", two);
    await using registry = registryOf();
    const watcher = await watching(registry);
    const nowMs = clock.now();
    const conditions = { ready: false };
    double.put("users-a", {
      endpoints: ["10.0.0.1", { addresses: ["10.0.0.2"], conditions }],
    });
    await passUntil(clock, 0, () => watcher.events.length === 2);
    expect(clock.now()).toBe(nowMs);
  });

  it("goes on from its version when the server ends a watch, and tells nothing of it", async () => {
    double.put("users-a", one);
    await using registry = registryOf();
    const watcher = await watching(registry);
    await passUntil(clock, 500, () => clock.now() > 5_000);
    const { lastWatch } = double;
    expect(Number(lastWatch?.get("timeoutSeconds"))).toBeGreaterThan(90);
    expect(Number(lastWatch?.get("timeoutSeconds"))).toBeLessThan(130);
    expect(lastWatch?.get("allowWatchBookmarks")).toBe("true");
    double.elsewhere();
    double.bookmark();
    await turn();
    double.endWatches();
    await until(() => double.requests.length === 3 && double.watches === 1);
    double.put("users-a", two);
    await told(watcher, 2);
    expect(double.requests).toEqual(["list", "watch 101", "watch 102"]);
    expect(watcher.told[1]).toBe("delta +10.0.0.2:80");
    expect(errors).toEqual([]);
  });

  it("waits before it goes on when watches end at once", async () => {
    double.put("users-a", one);
    await using registry = registryOf();
    const watcher = await watching(registry);
    double.endWatches();
    await told(watcher, 2);
    expect(errors).toEqual([
      "DP_WATCH_ENDED: the API server ends watches at once",
    ]);
    await told(watcher, 3);
    expect(watcher.told.slice(1)).toEqual(["stale", "fresh"]);
  });

  it("misses nothing when its connection is cut", async () => {
    double.put("users-a", one);
    await using registry = registryOf();
    const watcher = await watching(registry);
    double.cut();
    await until(() => double.watches === 0);
    double.put("users-a", two);
    await told(watcher, 4);
    expect(watcher.told.slice(1)).toEqual([
      "stale",
      "fresh",
      "delta +10.0.0.2:80",
    ]);
    expect(double.requests).toEqual(["list", "watch 101", "watch 101"]);
    expect(errors).toHaveLength(1);
  });

  for (const [how, fault] of [
    ["as an answer", undefined],
    ["as an event", "expired event"],
  ] as const)
    it(`lists again when its version is gone, said ${how}`, async () => {
      double.put("users-a", one);
      await using registry = registryOf();
      const watcher = await watching(registry);
      await passUntil(clock, 500, () => clock.now() > 5_000);
      double.endWatches();
      double.put("users-a", two);
      double.compact();
      if (fault !== undefined) double.faults.push(fault);
      await told(watcher, 2);
      double.put("users-a", one);
      await told(watcher, 3);
      expect(watcher.told).toEqual([
        "sync initial 10.0.0.1:80",
        "sync compacted 10.0.0.1:80 10.0.0.2:80",
        "delta -10.0.0.2:80",
      ]);
      const [, sync] = watcher.events;
      expect(
        sync?.type === "sync" &&
          [...sync.instances.values()].map(({ revision }) => revision),
      ).toEqual([1n, 2n]);
      expect(errors).toEqual([]);
    });

  it("waits when a version just listed is gone again and again", async () => {
    double.put("users-a", one);
    for (let index = 0; index < 20; index++)
      double.faults.push("none", "expired event");
    await using registry = registryOf();
    const watcher = watchService(registry, "users");
    await passUntil(clock, 0, () => double.requests.length >= 1);
    for (let index = 0; index < 50; index++) {
      await clock.advance(0);
      await turn();
    }
    expect(double.requests).toEqual(["list", "watch 101", "list", "watch 101"]);
    double.faults.length = 0;
    await until(() => double.watches === 1);
    expect(watcher.told).toEqual([
      "sync initial 10.0.0.1:80",
      "sync compacted 10.0.0.1:80",
      "stale",
      "sync compacted 10.0.0.1:80",
    ]);
  });

  for (const status of [401, 403, 429, 500, 503])
    it(`is stale and asks again after a ${status}, which is reported`, async () => {
      double.put("users-a", one);
      await using registry = registryOf();
      const watcher = await watching(registry);
      double.faults.push(status, status, status);
      double.cut();
      await until(() => errors.length === 4);
      expect(errors[1]).toBe(
        `DP_REGISTRY_REFUSED: the API server answers ${status}: refused with ${status}`,
      );
      double.put("users-a", two);
      await told(watcher, 4);
      expect(watcher.told.slice(1)).toEqual([
        "stale",
        "fresh",
        "delta +10.0.0.2:80",
      ]);
    });

  it("lists ever more seldom while versions just listed are gone", async () => {
    double.put("users-a", one);
    for (let index = 0; index < 1000; index++)
      double.faults.push("none", "expired event");
    await using registry = registryOf();
    const watcher = watchService(registry, "users");
    await until(() => clock.now() > 60_000);
    // Without growing waits there would be some eighteen a second.
    const lists = double.requests.filter((each) => each === "list");
    expect(lists.length).toBeLessThan(30);
    double.faults.length = 0;
    await until(() => watcher.events.length > 0 && double.watches === 1);
    await until(() => watcher.told.at(-1)?.startsWith("sync") === true);
  });

  it("does not go on at once when a watch said something and ended at once", async () => {
    double.put("users-a", one);
    await using registry = registryOf();
    const watcher = await watching(registry);
    for (let round = 0; round < 3; round++) {
      const asked = double.requests.length;
      double.bookmark();
      double.endWatches();
      for (let index = 0; index < 50; index++) {
        await clock.advance(0);
        await turn();
      }
      expect(double.requests).toHaveLength(asked);
      await until(() => double.watches === 1);
    }
    expect(watcher.told).toContain("stale");
  });

  for (const [what, line, error] of [
    ["is no JSON", "this is no JSON", "a line of the watch is no JSON"],
    ["is nothing", "null", "a line of the watch is no event"],
    ["is no event", '{"type":7}', "a line of the watch is no event"],
    ["has no version", '{"type":"ADDED"}', "ADDED without a version"],
  ] as const)
    it(`lists anew after a line that ${what}`, async () => {
      double.put("users-a", one);
      await using registry = registryOf();
      const watcher = await watching(registry);
      double.say(`${line}\n`);
      await told(watcher, 3);
      expect(errors).toEqual([`DP_BAD_ANSWER: ${error}`]);
      expect(watcher.told.slice(1)).toEqual([
        "stale",
        "sync compacted 10.0.0.1:80",
      ]);
    });

  it("gives a line no more memory than any slice needs", async () => {
    double.put("users-a", one);
    await using registry = registryOf();
    const watcher = await watching(registry);
    const megabyte = " ".repeat(1024 * 1024);
    for (let index = 0; index < 9 && double.watches > 0; index++) {
      double.say(megabyte);
      await turn();
    }
    await until(() => errors.length === 1);
    expect(errors[0]).toMatch(/line of more than 8388608 bytes/);
    await until(() => watcher.told.includes("sync compacted 10.0.0.1:80"));
  });

  it("that hears nothing long after the watch should have ended is stale, and goes on", async () => {
    double.put("users-a", one);
    await using registry = registryOf();
    const watcher = await watching(registry);
    const seconds = Number(double.lastWatch?.get("timeoutSeconds"));
    await clock.advance(seconds * 1000 + 9_000);
    expect(watcher.told).toHaveLength(1);
    await clock.advance(1_001);
    await told(watcher, 3);
    expect(watcher.told.slice(1)).toEqual(["stale", "fresh"]);
    expect(errors[0]).toMatch(/^DP_WATCH_SILENT: /);
  });

  it("may be quiet for that long after each word, not in all", async () => {
    double.put("users-a", one);
    await using registry = registryOf();
    const watcher = await watching(registry);
    await passUntil(clock, 500, () => clock.now() > 5_000);
    for (let minute = 1; minute <= 5; minute++) {
      await clock.advance(60_000);
      double.put(`users-${minute}`, { endpoints: [`10.0.1.${minute}`] });
      await passUntil(clock, 0, () => watcher.events.length > minute);
    }
    expect(watcher.told.filter((each) => !each.startsWith("delta"))).toEqual([
      "sync initial 10.0.0.1:80",
    ]);
    expect(double.requests).toHaveLength(2);
  });

  it("that gets no answer at all is stale after ten seconds", async () => {
    double.put("users-a", one);
    double.faults.push("silence");
    await using registry = registryOf();
    const watcher = watchService(registry, "users");
    await until(() => double.requests.length === 1);
    await clock.advance(10_000);
    expect(errors).toEqual([
      "DP_REGISTRY_TIMEOUT: the registry gave no answer within 10000 ms",
    ]);
    await told(watcher, 1);
  });

  it("skips a slice that cannot be read, says so and keeps the others", async () => {
    double.put("users-a", one);
    double.put("users-b", { addressType: "FQDN", endpoints: ["a.test"] });
    await using registry = registryOf();
    const watcher = await watching(registry);
    double.put("users-c", { ports: [], endpoints: ["10.0.0.3"] });
    double.put("users-a", two);
    await told(watcher, 2);
    expect(watcher.told).toEqual([
      "sync initial 10.0.0.1:80",
      "delta +10.0.0.2:80",
    ]);
    expect(errors).toEqual([
      "DP_BAD_RECORD: the slice users-b of users is skipped: it is of FQDN addresses",
      "DP_BAD_RECORD: the slice users-c of users is skipped: it has no port",
    ]);
  });
});
