import { describe, expect, it } from "vitest";
import { discover, type WatchEvent } from "../../src/index.ts";
import type {
  ConsulFetch,
  ConsulRegistry,
} from "../../src/registries/consul/index.ts";
import { ConsulScene } from "./consul-scene.ts";

/** A Consul that says of services what the test wants to hear, where it wants to. */
class Altered extends ConsulScene {
  /** Instead of what the double says. */
  body: string | undefined;
  /** Results were filtered by ACLs. */
  filtered = "false";

  readonly #fetch: ConsulFetch = async (url, init) => {
    const answer = await this.consul.fetch(url, init);
    const text = url.includes("/agent/") ? undefined : this.body;
    return {
      status: answer.status,
      body: text === undefined ? answer.body : [Buffer.from(text)],
      headers: {
        get: (name) =>
          name === "x-consul-results-filtered-by-acls"
            ? this.filtered
            : answer.headers.get(name),
      },
    };
  };

  override registry(): ConsulRegistry {
    return super.registry({ fetch: this.#fetch });
  }

  /** Two instances, and what a watch of them was told. */
  async watched(
    registry: ConsulRegistry,
  ): Promise<readonly WatchEvent<unknown>[]> {
    for (const ID of ["one", "two"])
      this.consul.register({ ID, Name: "web", Address: "a.test", Port: 80 });
    const events = this.record(registry);
    await this.pass(100);
    return events;
  }

  /** Blocking queries are answered with this from now on. */
  async answer(body: string | undefined): Promise<void> {
    this.body = body;
    this.consul.wake();
    await this.pass(15_000);
  }
}

const types = (events: readonly WatchEvent<unknown>[]): string[] =>
  events.map(({ type }) => type);

const unreadable = JSON.stringify([
  { Service: { ID: "one", Address: "a.test", Port: 0 }, Checks: [] },
  { Service: null },
]);
const critical = { Service: { ID: "x" }, Checks: [{ Status: "critical" }] };

describe("an answer of Consul", () => {
  it("with entries of which none can be read is a failure, and nobody has left", async () => {
    await using scene = new Altered();
    const registry = scene.registry();
    const events = await scene.watched(registry);
    await scene.answer(unreadable);
    expect(types(events)).toEqual(["sync", "stale"]);
    expect(events[1]).toMatchObject({ error: { code: "DP_BAD_RECORD" } });
    await expect(registry.list("web")).rejects.toThrow(
      "DP_BAD_RECORD: web: none of its 2 entries in Consul can be read",
    );
    scene.body = '{"web":[]}';
    await scene.answer(undefined);
    expect(types(events)).toEqual(["sync", "stale", "fresh"]);
  });

  it("with somebody who is critical beside them was read", async () => {
    await using scene = new Altered();
    scene.body = JSON.stringify([critical, { Service: null }]);
    expect(await scene.registry().list("web")).toEqual([]);
  });

  it("names the place of an entry that says nothing of a service", async () => {
    await using scene = new Altered();
    const registry = scene.registry();
    const good = { Service: { ID: "one", Address: "a.test", Port: 80 } };
    const odd = [
      { Service: null },
      { Service: { ...good.Service, ID: "odd", ModifyIndex: 0.5 } },
      { Service: { ...good.Service, ID: "meta", Meta: { "dp-id": 7 } } },
      { ...good, Checks: [null] },
      null,
    ];
    scene.body = JSON.stringify([good, ...odd]);
    expect(await registry.list("web")).toMatchObject([{ id: "one" }]);
    expect(scene.errors.map((error) => error.split(":", 2).join(":"))).toEqual([
      "DP_BAD_RECORD: web entry 1 in Consul",
      "DP_BAD_RECORD: web odd in Consul",
      "DP_BAD_RECORD: web meta in Consul",
      "DP_BAD_RECORD: web one in Consul",
      "DP_BAD_RECORD: web entry 5 in Consul",
    ]);
  });

  it("with one id on two nodes is not about the one whose number none can follow", async () => {
    await using scene = new Altered();
    const entry = (number: string, Port: number) => ({
      Service: {
        ID: "web:a",
        Address: "a.test",
        Port,
        Meta: { "dp-id": "a", "dp-incarnation": `${number} owner 1` },
      },
    });
    const entries = [entry(`1${"0".repeat(21)}`, 1), entry("7", 2)];
    for (const order of [entries, entries.toReversed()]) {
      scene.body = JSON.stringify(order);
      expect(await scene.registry().list("web")).toMatchObject([{ port: 2 }]);
    }
  });

  it("that is empty because ACLs filtered it is a refusal", async () => {
    await using scene = new Altered();
    const registry = scene.registry();
    const events = await scene.watched(registry);
    scene.filtered = "true";
    await scene.answer("[]");
    expect(types(events)).toEqual(["sync", "stale"]);
    expect(events[1]).toMatchObject({ error: { code: "DP_CONSUL_REFUSED" } });
    await expect(registry.list("web")).rejects.toThrow(
      "GET /v1/health/service/web: the results were filtered by ACLs and nothing is left",
    );
    scene.body = "{}";
    await expect(registry.services()).rejects.toThrow("filtered by ACLs");
    scene.body = undefined;
    expect(await registry.list("web")).toHaveLength(2);
    scene.filtered = "false";
    scene.body = "[]";
    expect(await registry.list("web")).toEqual([]);
  });

  it.each(["null", "{}", '"none"'])(
    "that is no list is none: %s",
    async (body) => {
      await using scene = new Altered();
      const registry = scene.registry();
      const events = await scene.watched(registry);
      await scene.answer(body);
      expect(types(events)).toEqual(["sync", "stale"]);
      await expect(registry.list("web")).rejects.toThrow(
        "DP_BAD_REPLY: web: what Consul answers is no list",
      );
    },
  );

  it.each(["[]", JSON.stringify([critical])])(
    "with nobody after there were some is told as a state, so that views hold what they know: %s",
    async (body) => {
      await using scene = new Altered();
      const registry = scene.registry();
      const events = await scene.watched(registry);
      const { clock } = scene;
      await using view = discover(registry, "web", { clock });
      await scene.meanwhile(view.ready());
      await scene.answer(body);
      expect(types(events)).toEqual(["sync", "sync"]);
      expect(events[1]).toMatchObject({ reason: "store-reset" });
      expect(view.snapshot.instances).toHaveLength(2);
      await scene.answer(body);
      expect(events).toHaveLength(2);
      await scene.answer(undefined);
      expect(types(events)).toEqual(["sync", "sync", "delta"]);
      const revisions = events.flatMap((event) =>
        "revision" in event ? [event.revision] : [],
      );
      expect(revisions[1]).toBeGreaterThan(revisions[0]!);
      expect(revisions[2]).toBeGreaterThan(revisions[1]!);
    },
  );
});
