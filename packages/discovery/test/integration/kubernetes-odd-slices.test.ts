import { describe, expect, it } from "vitest";
import { passUntil } from "../passing-time.ts";
import type { SliceSpec } from "./kubernetes-double.ts";
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

/** Far more than an endpoint that moves between slices is waited for. */
const settled = async (): Promise<void> => {
  const untilMs = clock.now() + 3_000;
  await passUntil(clock, 100, () => clock.now() >= untilMs);
};

describe("a slice with an endpoint that cannot be read", () => {
  it("keeps its others, and says which slice it is", async () => {
    double.put("users-a", two);
    await using registry = registryOf();
    const watcher = await watching(registry);
    double.put("users-a", {
      endpoints: ["10.0.0.1", { addresses: [] }, "10.0.0.2", "10.0.0.3"],
    });
    await until(() => watcher.events.length === 2);
    await settled();
    expect(watcher.told).toEqual([
      "sync initial 10.0.0.1:80 10.0.0.2:80",
      "delta +10.0.0.3:80",
    ]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(
      /^DP_BAD_RECORD: an endpoint of the slice users-a of users is skipped: .*address must be/,
    );
  });
});

describe("a slice that can no longer be read", () => {
  const odd: [string, SliceSpec][] = [
    ["has names for addresses", { ...two, addressType: "FQDN" }],
    ["has lost its port", { ...two, ports: [] }],
    ["has no endpoint that is one", { endpoints: [{ addresses: [] }, {}] }],
  ];
  for (const [what, spec] of odd)
    it(`since it ${what} says what it said before`, async () => {
      double.put("users-a", two);
      await using registry = registryOf();
      const watcher = await watching(registry);
      double.put("users-a", spec);
      await until(() => errors.length === 1);
      expect(errors[0]).toMatch(
        /^DP_BAD_RECORD: the slice users-a of users is skipped: /,
      );
      await settled();
      expect(watcher.told).toEqual(["sync initial 10.0.0.1:80 10.0.0.2:80"]);
      expect(await registry.list("users")).toHaveLength(2);
      double.put("users-a", one);
      await until(() => watcher.events.length === 2);
      expect(watcher.told[1]).toBe("delta -10.0.0.2:80");
    });

  it("says so over a new list too, until it is deleted", async () => {
    double.put("users-a", two);
    await using registry = registryOf();
    const watcher = await watching(registry);
    await settled();
    double.endWatches();
    double.put("users-a", { ...two, ports: [] });
    double.compact();
    await until(() => watcher.events.length === 2 && double.watches === 1);
    double.remove("users-a");
    await until(() => watcher.events.length === 3);
    expect(watcher.told).toEqual([
      "sync initial 10.0.0.1:80 10.0.0.2:80",
      "sync compacted 10.0.0.1:80 10.0.0.2:80",
      "delta -10.0.0.1:80 -10.0.0.2:80",
    ]);
  });

  it("says nothing more once a list lacks it", async () => {
    double.put("users-a", two);
    await using registry = registryOf();
    const watcher = await watching(registry);
    double.put("users-a", { ...two, ports: [] });
    await until(() => errors.length === 1);
    await settled();
    double.endWatches();
    double.remove("users-a");
    double.compact();
    await until(() => watcher.events.length === 2);
    expect(watcher.told[1]).toBe("sync compacted");
  });

  it.each(["{}", '{"name":7}'])(
    "and does not say which it is harms no other: %s",
    async (metadata) => {
      double.put("users-a", one);
      await using registry = registryOf();
      const watcher = await watching(registry);
      const object = {
        metadata: { ...(JSON.parse(metadata) as object), resourceVersion: "1" },
      };
      double.say(`${JSON.stringify({ type: "MODIFIED", object })}\n`);
      await until(() => errors.length === 1);
      await settled();
      expect(errors[0]).toMatch(/^DP_BAD_RECORD: the slice /);
      expect(watcher.told).toEqual(["sync initial 10.0.0.1:80"]);
    },
  );
});
