import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidOptionError, seededRandom, type MetricSource } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ClosedError } from "../../src/errors.ts";
import {
  fileRegistry,
  type FileRegistryOptions,
} from "../../src/registries/file.ts";
import { passUntil, turn } from "../passing-time.ts";
import { watchService } from "../watcher.ts";

let folder: string;
let file: string;
let clock: ManualClock;
let errors: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dp-file-"));
  file = join(folder, "services.json");
  clock = new ManualClock();
  errors = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const registryOf = (options: FileRegistryOptions = {}, path = file) =>
  fileRegistry(path, {
    clock,
    random: seededRandom(1),
    onError: (error) => errors.push(error.message),
    ...options,
  });

const listing = (services: Record<string, readonly unknown[]>): string =>
  JSON.stringify({ services }, undefined, 2);

/** As a careful writer does. */
const replace = (text: string, path = file): void => {
  writeFileSync(`${path}.next`, text);
  renameSync(`${path}.next`, path);
};

/** So slow that a poll is out of the question: the system has to tell. */
const told = { interval: "1d" } as const;
const soon = (condition: () => boolean): Promise<void> =>
  passUntil(clock, 10, condition);
/** So fast that the system need not tell. */
const later = (condition: () => boolean): Promise<void> =>
  passUntil(clock, 1000, condition);

const readsOf = (registry: MetricSource): number => {
  const families = [...registry.metrics()];
  const family = families.find(({ name }) => name.endsWith("_reads_total"));
  return [...(family?.samples ?? [])][0]?.value ?? 0;
};

describe("a watched file", () => {
  it("tells what changed when it is replaced, again and again", async () => {
    replace(listing({ users: ["a:1", "b:2"], mail: ["m:25"] }));
    await using registry = registryOf(told);
    const users = watchService(registry, "users");
    const mail = watchService(registry, "mail");
    await soon(() => users.events.length + mail.events.length === 2);
    replace(listing({ users: ["b:2", "c:3"], mail: ["m:25"] }));
    await soon(() => users.events.length === 2);
    replace(listing({ mail: ["m:25"] }));
    await soon(() => users.events.length === 3);
    expect(users.told).toEqual([
      "sync initial a:1 b:2",
      "delta -a:1 +c:3",
      "delta -b:2 -c:3",
    ]);
    expect(mail.told).toEqual(["sync initial m:25"]);
    expect(errors).toEqual([]);
  });

  it("is heard when it is written in place", async () => {
    replace(listing({ users: ["a:1"] }));
    await using registry = registryOf(told);
    const users = watchService(registry, "users");
    await soon(() => users.events.length === 1);
    writeFileSync(file, listing({ users: ["b:1"] }));
    await soon(() => users.told.includes("delta -a:1 +b:1"));
  });

  it("is heard when it is a link below one that is swapped, as ConfigMaps are", async () => {
    const version = (name: string, text: string): void => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "services.json"), text);
      symlinkSync(name, join(folder, "..data_tmp"));
      renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
    };
    version("..1", listing({ users: ["a:1"] }));
    symlinkSync("..data/services.json", file);
    await using registry = registryOf(told);
    const users = watchService(registry, "users");
    await soon(() => users.events.length === 1);
    version("..2", listing({ users: ["b:2"] }));
    await soon(() => users.events.length === 2);
    expect(users.told[1]).toBe("delta -a:1 +b:2");
  });

  it("is looked at every interval where the system tells nothing", async () => {
    const elsewhere = join(folder, "elsewhere");
    mkdirSync(elsewhere);
    const target = join(elsewhere, "real.json");
    replace(listing({ users: ["a:1"] }), target);
    symlinkSync(target, file);
    await using registry = registryOf({ interval: "5s" });
    const users = watchService(registry, "users");
    await later(() => users.events.length === 1);
    replace(listing({ users: ["b:1"] }), target);
    await later(() => users.events.length === 2);
    expect(users.told[1]).toBe("delta -a:1 +b:1");
  });

  it("costs one reading an interval however many services are watched", async () => {
    replace(listing({ users: ["a:1"] }));
    await using registry = registryOf({ interval: "10s" });
    const watchers = ["users", "mail", "web"].map((service) =>
      watchService(registry, service),
    );
    await soon(() => watchers.every(({ events }) => events.length === 1));
    const reads = (): number => readsOf(registry);
    const before = reads();
    expect(before).toBeLessThanOrEqual(2);
    const startMs = clock.now();
    await passUntil(clock, 500, () => reads() === before + 50);
    // Readings take real time, in which that of the test goes on: there may be fewer, but no more.
    expect((clock.now() - startMs) / 50).toBeGreaterThan(8_500);
  });

  for (const [what, spoil, reason] of [
    ["missing", () => rmSync(file), /services\.json: ENOENT/],
    ["empty", () => replace(" \n"), /services\.json:1: is empty$/],
    [
      "half written",
      () => replace('{\n"services": {\n"users": ["a:1"'),
      /services\.json:3: is not valid JSON: it ends too early$/,
    ],
    [
      "wrong in one part",
      () => replace('{"services": {\n"users": ["b:2"],\n"mail": ["x"]}}'),
      /services\.json:3: services\.mail\[0\] must be/,
    ],
    [
      "too large",
      () => replace(" ".repeat(16 * 1024 * 1024 + 1)),
      /more than 16777216 bytes$/,
    ],
    [
      "a pipe nobody writes to",
      () => {
        rmSync(file);
        execFileSync("sh", ["-c", 'mkfifo "$0"', file]);
      },
      /services\.json: is not a file$/,
    ],
    [
      "a link to itself",
      () => {
        rmSync(file);
        symlinkSync("services.json", file);
      },
      /services\.json: ELOOP/,
    ],
    [
      "nested deeper than it could be compared",
      () => {
        const nested = "[".repeat(100) + "]".repeat(100);
        const users = [{ host: "a", port: 1, metadata: { nested: "" } }];
        replace(listing({ users }).replace('""', nested));
      },
      /services\.json:\d+: .*metadata must be of at most 100 levels$/,
    ],
    [
      "nested deeper than it could be read",
      () => replace("[".repeat(20_000) + "]".repeat(20_000)),
      /services\.json:1: has more than 200 levels$/,
    ],
  ] as const)
    it(`keeps its last good state while it is ${what}`, async () => {
      replace(listing({ users: ["a:1"] }));
      await using registry = registryOf(told);
      const users = watchService(registry, "users");
      await soon(() => users.events.length === 1);
      spoil();
      await soon(() => errors.length > 0);
      expect(errors[0]).toMatch(/^DP_BAD_FILE: /);
      expect(errors[0]).toMatch(reason);
      await expect(registry.list("users")).rejects.toThrow(reason);
      replace(listing({ users: ["a:1", "c:3"] }));
      await soon(() => users.events.length === 4);
      expect(users.told).toEqual([
        "sync initial a:1",
        "stale",
        "fresh",
        "delta +c:3",
      ]);
    });

  it("is not taken apart again while it is wrong in the same way, and told at each look", async () => {
    const faults: Error[] = [];
    replace('{"services": 1}');
    await using registry = registryOf({ onError: (each) => faults.push(each) });
    const list = () => expect(registry.list("users")).rejects.toThrow(/object/);
    await list();
    await list();
    expect(faults).toHaveLength(2);
    expect(faults[1]).toBe(faults[0]);
    replace('{"services": 2}');
    await list();
    expect(faults[2]).not.toBe(faults[0]);
    replace(listing({ users: ["a:1"] }));
    expect(await registry.list("users")).toHaveLength(1);
  });

  it("comes into being after it is watched, with its folder", async () => {
    const late = join(folder, "late", "services.json");
    await using registry = registryOf({ interval: "5s" }, late);
    const users = watchService(registry, "users");
    await later(() => errors.length > 1);
    expect(users.events).toEqual([]);
    mkdirSync(join(folder, "late"));
    replace(listing({ users: ["a:1"] }), late);
    await later(() => users.events.length === 1);
    rmSync(join(folder, "late"), { recursive: true });
    mkdirSync(join(folder, "late"));
    replace(listing({ users: ["b:1"] }), late);
    await later(() => users.told.includes("delta -a:1 +b:1"));
    expect(users.told[0]).toBe("sync initial a:1");
  });

  it("may be YAML, by its name or by the option", async () => {
    const text =
      "services:\n  users: # ours\n    - a:1\n    - { host: b, port: 2, zone: z }\n";
    for (const [name, options] of [
      ["services.yaml", {}],
      ["services.yml", {}],
      ["services.conf", { format: "yaml" }],
    ] as const) {
      const path = join(folder, name);
      replace(text, path);
      await using registry = registryOf(options, path);
      expect(await registry.list("users")).toEqual([
        expect.objectContaining({ id: "a:1" }),
        expect.objectContaining({ id: "b:2", zone: "z" }),
      ]);
    }
  });
});

describe("the file registry", () => {
  it("lists what the file says at that moment, watched or not", async () => {
    replace(listing({ users: ["a:1"], none: [] }));
    await using registry = registryOf(told);
    expect(await registry.services()).toEqual(["users"]);
    const users = watchService(registry, "users");
    await soon(() => users.events.length === 1);
    replace(listing({ users: ["b:1"], mail: ["m:1"] }));
    const [listed] = await registry.list("users");
    const [, delta] = users.events;
    expect(delta).toMatchObject({
      changes: [{ op: "delete" }, { op: "put", instance: listed }],
    });
    expect(listed?.revision).toBe(2n);
    expect(await registry.services()).toEqual(["mail", "users"]);
    expect(await registry.list("nobody")).toEqual([]);
  });

  it("reads once at a time, and once more for all who ask meanwhile", async () => {
    replace(listing({ users: ["a:1"] }));
    await using registry = registryOf();
    const lists: Promise<unknown>[] = [];
    // So few that the first reading is under way all the time.
    for (let index = 0; index < 20; index++) {
      lists.push(registry.list("users"));
      await Promise.resolve();
    }
    await Promise.all(lists);
    expect(readsOf(registry)).toBe(2);
  });

  it("registers nobody, and says so", async () => {
    replace(listing({}));
    await using registry = registryOf();
    const spec = { service: "users", host: "a", port: 80 };
    await expect(registry.register(spec)).rejects.toThrow(/^DP_READ_ONLY: /);
  });

  it("leaves nothing behind", async () => {
    replace(listing({ users: ["a:1"] }));
    const handles = (): number =>
      process.getActiveResourcesInfo().filter((each) => each === "FSEventWrap")
        .length;
    await turn();
    const before = handles();
    const registry = registryOf();
    const users = watchService(registry, "users");
    const mail = watchService(registry, "mail");
    await soon(() => users.events.length + mail.events.length === 2);
    expect(handles()).toBe(before + 1);
    users.leave();
    await turn();
    expect(handles()).toBe(before + 1);
    writeFileSync(join(folder, "services.json"), listing({}));
    mail.leave();
    await soon(() => handles() === before);
    expect([handles(), clock.pending]).toEqual([before, 0]);
    const again = watchService(registry, "users");
    await soon(() => again.events.length === 1);
    await registry[Symbol.asyncDispose]();
    await soon(() => again.ended && handles() === before);
    expect([handles(), clock.pending]).toEqual([before, 0]);
    await expect(registry.list("users")).rejects.toThrow(ClosedError);
  });

  it("refuses options it cannot honour", () => {
    expect(() => fileRegistry("")).toThrow(InvalidOptionError);
    expect(() => fileRegistry("services.conf")).toThrow(/path that ends in/);
    expect(() => fileRegistry(file, { interval: 0 })).toThrow(/interval/);
    expect(() => fileRegistry(file, { format: "toml" as "json" })).toThrow(
      /format/,
    );
  });
});
