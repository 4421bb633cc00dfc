import { InvalidOptionError } from "@dp/core";
import { describe, expect, it } from "vitest";
import { ClosedError } from "../../src/errors.ts";
import { passUntil, turn } from "../passing-time.ts";
import { watchService } from "../watcher.ts";
import type { Json } from "./kubernetes-double.ts";
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

describe("a list in pages", () => {
  const many = (): void => {
    for (let index = 0; index < 7; index++)
      double.put(`users-${index}`, { endpoints: [`10.0.0.${index}`] });
    double.pageSize = 3;
  };

  it("is put together", async () => {
    many();
    await using registry = registryOf();
    expect(await registry.list("users")).toHaveLength(7);
    expect(double.requests).toEqual(["list", "list continue", "list continue"]);
  });

  it("is asked for whole when its version is gone before its end", async () => {
    many();
    await using registry = registryOf();
    const listing = registry.list("users");
    await passUntil(clock, 0, () => {
      double.expireLists();
      return double.requests.length >= 2;
    });
    expect(await listing).toHaveLength(7);
    expect(double.requests).toEqual(["list", "list continue", "list"]);
  });
});

describe("a list without end", () => {
  const empty = { metadata: { name: "e" }, addressType: "IPv4" };
  const pageOf = (token: string, items: unknown[] = [empty]) => ({
    metadata: { resourceVersion: "1", continue: token },
    items,
  });
  const endless: [string, (index: number) => Json, number, string][] = [
    [
      "of equal tokens",
      () => pageOf("same"),
      2,
      "page 2 goes on where it began",
    ],
    [
      "of ever new pages",
      (index) => pageOf(`${index}`, []),
      1000,
      "it has more than 1000 pages",
    ],
  ];
  for (const [what, page, pages, why] of endless)
    it(`is given up and reported: one ${what}`, async () => {
      double.page = page;
      await using registry = registryOf();
      const error = `DP_BAD_ANSWER: the list of slices does not end: ${why}`;
      await expect(registry.list("users")).rejects.toThrow(error);
      expect(double.requests).toHaveLength(pages);
      expect(errors).toEqual([error]);
      expect(clock.pending).toBe(0);
    });

  it("makes a watch stale, and is asked for again after a pause", async () => {
    double.put("users-a", one);
    double.page = () => pageOf("same");
    await using registry = registryOf();
    const watcher = watchService(registry, "users");
    await passUntil(clock, 0, () => errors.length === 1);
    for (let index = 0; index < 50; index++) {
      await clock.advance(0);
      await turn();
    }
    expect(double.requests).toHaveLength(2);
    double.page = undefined;
    await until(() => watcher.events.length > 0);
    expect(watcher.told).toEqual(["sync initial 10.0.0.1:80"]);
  });

  it("is given up after ten times the limit of a page, however soon each page comes", async () => {
    double.page = async (index) => {
      await clock.advance(9_000);
      return pageOf(`${index}`);
    };
    await using registry = registryOf();
    await expect(registry.list("users")).rejects.toThrow(
      "DP_REGISTRY_TIMEOUT: the registry gave no answer within 100000 ms",
    );
    expect(double.requests).toHaveLength(12);
    expect(clock.pending).toBe(0);
  });

  it("is none because a page is as long as it may be", async () => {
    const items = Array.from({ length: 200_000 }, () => empty);
    double.page = () => ({ metadata: { resourceVersion: "1" }, items });
    await using registry = registryOf();
    expect(await registry.list("users")).toEqual([]);
    expect(errors).toEqual([]);
  });
});

describe("the Kubernetes registry", () => {
  it("knows services by name and by namespace, and no other way into a selector", async () => {
    double.put("a", one);
    double.put("b", { namespace: "shop", endpoints: ["10.0.0.7"] });
    double.put("c", { service: "idle", endpoints: [] });
    await using registry = registryOf();
    const ids = async (service: string): Promise<string[]> =>
      (await registry.list(service)).map(({ id }) => id);
    expect(await ids("users")).toEqual(["10.0.0.1:80"]);
    expect(await ids("shop/users")).toEqual(["10.0.0.7:80"]);
    expect(await registry.services()).toEqual(["users"]);
    await using other = registryOf({ namespace: "shop", port: 8080 });
    expect((await other.list("users"))[0]?.id).toBe("10.0.0.7:8080");
    for (const bad of [
      "",
      "a/b/c",
      "users,x=y",
      "Users",
      "a b",
      "../x",
      "-a",
    ]) {
      await expect(registry.list(bad)).rejects.toThrow(InvalidOptionError);
      const watch = registry.watch(bad)[Symbol.asyncIterator]();
      await expect(watch.next()).rejects.toThrow(InvalidOptionError);
    }
  });

  it("sends the token of the moment", async () => {
    double.token = "first";
    double.put("a", one);
    let token = "first";
    await using registry = registryOf({ token: () => token });
    expect(await registry.list("users")).toHaveLength(1);
    double.token = "second";
    await expect(registry.list("users")).rejects.toThrow("answers 401");
    token = "second";
    expect(await registry.list("users")).toHaveLength(1);
    expect(errors).toHaveLength(1);
    expect(errors.join()).not.toContain("first");
  });

  it("lists the very instances it told, and what it has not told yet as newer", async () => {
    double.put("a", one);
    await using registry = registryOf();
    const watcher = await watching(registry);
    const [sync] = watcher.events;
    const known = sync?.type === "sync" && sync.instances.get("10.0.0.1:80");
    expect((await registry.list("users"))[0]).toBe(known);
  });

  it("registers nobody, and says so", async () => {
    await using registry = registryOf();
    const spec = { service: "users", host: "10.0.0.1", port: 80 };
    await expect(registry.register(spec)).rejects.toThrow(/^DP_READ_ONLY: /);
  });

  it("leaves nothing behind", async () => {
    double.put("a", one);
    const registry = registryOf();
    const watcher = await watching(registry);
    double.faults.push("silence");
    const list = registry.list("users");
    list.catch(() => undefined);
    await until(() => double.requests.length === 3);
    await registry[Symbol.asyncDispose]();
    expect(clock.pending).toBe(0);
    await expect(list).rejects.toThrow(ClosedError);
    await until(() => watcher.ended && double.watches === 0);
    expect(clock.pending).toBe(0);
    await expect(registry.services()).rejects.toThrow(ClosedError);
    expect(errors).toEqual([]);
  });

  it("lets go of a service nobody watches any more", async () => {
    double.put("a", two);
    await using registry = registryOf();
    const watcher = await watching(registry);
    double.put("a", one);
    await turn();
    watcher.leave();
    await until(() => double.watches === 0);
    expect(clock.pending).toBe(0);
    const families = [...registry.metrics()];
    const valueOf = (name: string): number | undefined => {
      const family = families.find((each) => each.name.endsWith(name));
      return family && [...family.samples][0]?.value;
    };
    expect(valueOf("watched_services")).toBe(0);
    expect(valueOf("kubernetes_watches_total")).toBe(1);
    expect(valueOf("watch_resyncs_total")).toBe(0);
  });
});
