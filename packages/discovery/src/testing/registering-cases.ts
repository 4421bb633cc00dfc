import assert from "node:assert/strict";
import { InvalidOptionError } from "@dp/core";
import { ClosedError } from "../errors.ts";
import type { RegistrationSpec } from "../registration.ts";
import { idsOf, web, type RegistryCases } from "./registry-case.ts";

/** What registering, listing, updating and deregistering owe. */
export const registeringCases: RegistryCases = {
  "lists what is registered, as it was asked for, with defaults": async (
    scene,
  ) => {
    const plain = await scene.register({
      service: "web",
      host: "10.0.0.1",
      port: 1,
    });
    const full = await scene.register(
      web("b", {
        weight: 2.5,
        priority: 1,
        zone: "z",
        metadata: { version: "7" },
      }),
    );
    assert.equal(plain.instance.weight, 1);
    assert.equal(plain.instance.priority, 0);
    assert.equal(plain.instance.state, "serving");
    assert.deepEqual(plain.instance.metadata, {});
    const { revision, ...rest } = full.instance;
    if (!scene.isReadOnly) assert.ok(revision > plain.instance.revision);
    assert.deepEqual(rest, {
      ...web("b"),
      weight: 2.5,
      priority: 1,
      zone: "z",
      state: "serving",
      metadata: { version: "7" },
    });
    await scene.lists("web", plain.instance, full.instance);
    assert.equal(full.status, "active");
  },

  "lists of one service nothing of another": async (scene) => {
    const mail = await scene.register(web("m", { service: "mail", port: 25 }));
    const a = await scene.register(web("a"));
    await scene.lists("web", a.instance);
    await scene.lists("mail", mail.instance);
    assert.deepEqual(await scene.registry.list("nobody"), []);
  },

  "names the services that have an instance": async (scene) => {
    const zebra = await scene.register(web("z", { service: "zebra" }));
    await scene.register(web("a"));
    assert.deepEqual(await scene.registry.services(), ["web", "zebra"]);
    await scene.close(zebra);
    assert.deepEqual(await scene.registry.services(), ["web"]);
  },

  "refuses a spec with a bad value and registers nothing": async (scene) => {
    if (scene.isReadOnly) return;
    const bad: Partial<RegistrationSpec>[] = [
      { service: "" },
      { host: "" },
      { port: 0 },
      { port: 65_536 },
      { port: 1.5 },
      { id: "" },
      { weight: 0 },
      { weight: NaN },
      { weight: Infinity },
      { priority: -1 },
      { ttl: -1 },
    ];
    for (const part of bad)
      await assert.rejects(
        scene.registry.register(web("a", part)),
        (error) => InvalidOptionError.is(error),
        JSON.stringify(part),
      );
    assert.deepEqual(await scene.registry.services(), []);
  },

  "registers nothing once the signal is aborted": async (scene) => {
    if (scene.isReadOnly) return;
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(
      scene.registry.register(web("a"), { signal }),
      /enough/,
    );
    assert.deepEqual(await idsOf(scene), []);
  },

  "writes an update as a new revision of the same id": async (scene) => {
    const a = await scene.register(
      web("a", { zone: "z", metadata: { version: "7" } }),
    );
    await scene.drain(a);
    const before = a.instance;
    assert.equal(before.state, "draining");
    await scene.update(a, { weight: 4 });
    if (!scene.isReadOnly) assert.ok(a.instance.revision > before.revision);
    assert.deepEqual(
      { ...a.instance, revision: 0n, weight: 1 },
      { ...before, revision: 0n },
    );
    await scene.lists("web", a.instance);
    if (scene.isReadOnly) return;
    await assert.rejects(a.update({ weight: -1 }), (error) =>
      InvalidOptionError.is(error),
    );
    assert.equal(a.instance.weight, 4);
  },

  "tells who listens to a registration each status it comes to": async (
    scene,
  ) => {
    if (scene.isReadOnly) return;
    const a = await scene.register(web("a"));
    const heard: string[] = [];
    const left: string[] = [];
    a.on(({ status }) => void heard.push(status));
    a.on(({ status }) => void left.push(status))();
    await scene.close(a);
    await scene.eventually("it is told", () => heard.length > 0);
    assert.deepEqual(heard, ["closed"]);
    assert.deepEqual(left, []);
  },

  "deregisters on close, and a second close does nothing": async (scene) => {
    const watcher = scene.record("web");
    const a = await scene.register(web("a"));
    await scene.close(a);
    await a.close();
    assert.deepEqual(await idsOf(scene), []);
    await scene.complete(watcher);
    if (scene.isReadOnly) return;
    assert.equal(a.status, "closed");
    await assert.rejects(a.update({ weight: 2 }), (error) =>
      ClosedError.is(error),
    );
    await assert.rejects(a.setState("draining"), (error) =>
      ClosedError.is(error),
    );
  },
};
