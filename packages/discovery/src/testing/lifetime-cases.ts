import assert from "node:assert/strict";
import { ClosedError, SupersededError } from "../errors.ts";
import { idsOf, web, type RegistryCases } from "./registry-case.ts";

/** What leases owe: fencing, renewal, expiry, the end of a registry. */
export const lifetimeCases: RegistryCases = {
  "fences the older of two registrations of one id": async (scene) => {
    if (!scene.registry.capabilities.fencing) return;
    const watcher = scene.record("web");
    const older = await scene.register(web("a", { port: 1, ttl: 1000 }));
    const newer = await scene.register(web("a", { port: 2, ttl: 1000 }));
    assert.ok(newer.instance.revision > older.instance.revision);
    await scene.eventually(
      "the older one hears of it",
      () => older.status === "superseded",
    );
    await assert.rejects(older.update({ weight: 2 }), (error) =>
      SupersededError.is(error),
    );
    await older.close();
    assert.equal(older.status, "superseded");
    await scene.pass(5000);
    await scene.lists("web", newer.instance);
    assert.equal(newer.status, "active");
    await scene.complete(watcher);
  },

  "keeps a living registration through many ttls": async (scene) => {
    if (scene.isReadOnly) return;
    const watcher = scene.record("web");
    const a = await scene.register(web("a", { ttl: 1000 }));
    assert.ok(a.grantedTtlMs >= 1000);
    await scene.pass(a.grantedTtlMs * 5);
    assert.equal(a.status, "active");
    assert.deepEqual(await idsOf(scene), ["a"]);
    await scene.complete(watcher);
  },

  "removes an instance that is not renewed when its ttl is over": async (
    scene,
    crash,
  ) => {
    if (!scene.registry.capabilities.lease || crash === undefined) return;
    const watcher = scene.record("web");
    const dead = await scene.register(web("dead", { ttl: 3000 }));
    await scene.register(web("alive", { ttl: 3000 }));
    await crash("web", "dead");
    await scene.pass(dead.grantedTtlMs / 2);
    assert.deepEqual(await idsOf(scene), ["alive", "dead"]);
    await scene.pass(dead.grantedTtlMs / 2);
    scene.removed(dead, "expired");
    await scene.complete(watcher);
    assert.deepEqual(await idsOf(scene), ["alive"]);
  },

  "does not let a dead holder's end remove its successor": async (
    scene,
    crash,
  ) => {
    if (!scene.registry.capabilities.fencing || crash === undefined) return;
    const dead = await scene.register(web("a", { port: 1, ttl: 1000 }));
    await crash("web", "a");
    const successor = await scene.register(web("a", { port: 2, ttl: 1000 }));
    const watcher = scene.record("web");
    await dead.close();
    await scene.pass(successor.grantedTtlMs * 3);
    await scene.lists("web", successor.instance);
    await scene.complete(watcher);
  },

  "deregisters its own registrations when disposed, and ends its watches":
    async (scene) => {
      const watcher = scene.record("web");
      const a = await scene.register(web("a"));
      await scene.complete(watcher);
      await scene.registry[Symbol.asyncDispose]();
      await scene.registry[Symbol.asyncDispose]();
      await scene.eventually("the watch ends", () => watcher.ended);
      const reopened = scene.registry.watch("web")[Symbol.asyncIterator]();
      await assert.rejects(reopened.next(), (error) => ClosedError.is(error));
      if (scene.isReadOnly) return;
      scene.removed(a, "deregistered");
      assert.equal(a.status, "closed");
      await assert.rejects(scene.registry.register(web("b")), (error) =>
        ClosedError.is(error),
      );
    },
};
