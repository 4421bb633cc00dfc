import assert from "node:assert/strict";
import {
  InvalidOptionError,
  seededRandom,
  type Clock,
  type Random,
} from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { ClosedError, SupersededError } from "../errors.ts";
import type { Registration, RegistrationSpec } from "../registration.ts";
import type { Registry } from "../registry.ts";
import { Scene } from "./scene.ts";
import type { SuiteCase } from "./suite-case.ts";

/** Makes the registry under test, empty, on the suite's clock and generator. */
export type RegistryFactory = (options: {
  readonly clock: Clock;
  readonly random: Random;
}) => Registry | Promise<Registry>;

export interface RegistrySuiteOptions {
  /** How time passes. @defaultValue the suite's `ManualClock` is advanced */
  readonly pass?: ((ms: number) => Promise<void>) | undefined;
  /**
   * Makes the process that registered an instance die without a word.
   * @defaultValue the registry's own `crash` method; without one, cases that need it pass
   */
  readonly crash?:
    | ((
        registry: Registry,
        service: string,
        id: string,
      ) => Promise<void> | void)
    | undefined;
}

type Crash = (service: string, id: string) => Promise<void> | void;
type Case = (scene: Scene, crash: Crash | undefined) => Promise<void>;

const web = (id: string, more: Partial<RegistrationSpec> = {}) => ({
  service: "web",
  host: "10.0.0.1",
  port: 8080,
  id,
  ...more,
});

const ids = async (scene: Scene, service = "web"): Promise<string[]> =>
  (await scene.registry.list(service)).map(({ id }) => id).sort();

const cases: Record<string, Case> = {
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
    assert.ok(revision > plain.instance.revision);
    assert.deepEqual(rest, {
      ...web("b"),
      weight: 2.5,
      priority: 1,
      zone: "z",
      state: "serving",
      metadata: { version: "7" },
    });
    const listed = await scene.registry.list("web");
    assert.deepEqual(new Set(listed), new Set([plain.instance, full.instance]));
    assert.equal(full.status, "active");
  },

  "lists nothing for a service nobody registered": async (scene) => {
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
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(
      scene.registry.register(web("a"), { signal }),
      /enough/,
    );
    assert.deepEqual(await ids(scene), []);
  },

  "tells a watcher the state first, then each change once and in order": async (
    scene,
  ) => {
    const a = await scene.register(web("a"));
    const early = scene.record("web");
    await scene.eventually("the first event", () => early.events.length > 0);
    assert.equal(early.events[0]?.type, "sync");
    const b = await scene.register(web("b"));
    await scene.update(a, { weight: 3, metadata: { version: "2" } });
    const late = scene.record("web");
    await scene.drain(b);
    await scene.close(a);
    await scene.register(web("a", { port: 9090 }));
    await scene.complete(early);
    await scene.complete(late);
    assert.equal(early.events.length, 6);
  },

  "tells a watcher of one service nothing of another": async (scene) => {
    const watcher = scene.record("web");
    await scene.register(web("other", { service: "mail" }));
    await scene.register(web("a"));
    await scene.complete(watcher);
  },

  "tells every watcher the truth whenever it starts": async (scene) => {
    const random = seededRandom(7);
    const open = new Map<string, Registration>();
    const watchers = [scene.record("web")];
    for (let step = 0; step < 200; step++) {
      const id = `i${Math.floor(random() * 8)}`;
      const held = open.get(id);
      const draw = random();
      if (held === undefined || draw < 0.2)
        open.set(id, await scene.register(web(id, { port: step + 1 })));
      else if (draw < 0.5) await scene.update(held, { weight: step + 1 });
      else {
        await scene.close(held);
        open.delete(id);
      }
      if (step % 20 === 0) watchers.push(scene.record("web"));
    }
    for (const watcher of watchers) await scene.complete(watcher);
  },

  "keeps a watcher's account true however slowly it reads": async (scene) => {
    let resume = (): void => undefined;
    const held = new Promise<void>((resolve) => (resume = resolve));
    const watcher = scene.record("web", { hold: held });
    await scene.eventually("the first event", () => watcher.events.length > 0);
    const a = await scene.register(web("a"));
    for (let round = 1; round <= 3000; round++)
      await scene.update(a, { weight: round });
    await scene.pass(0);
    assert.equal(watcher.events.length, 1);
    resume();
    await scene.complete(watcher);
  },

  "ends a watch by its signal and leaves the others alone": async (scene) => {
    const abort = new AbortController();
    const ended = scene.record("web", { signal: abort.signal });
    const other = scene.record("web");
    await scene.register(web("a"));
    await scene.complete(ended);
    abort.abort();
    await scene.eventually("the loop ends", () => ended.ended);
    const count = ended.events.length;
    await scene.register(web("b"));
    await scene.complete(other);
    assert.equal(ended.events.length, count);
  },

  "ends a watch when its loop is left": async (scene) => {
    const watcher = scene.record("web");
    await scene.eventually("the first event", () => watcher.events.length > 0);
    watcher.leave = true;
    await scene.register(web("a"));
    await scene.eventually("the loop ends", () => watcher.ended);
  },

  "writes an update as a new revision of the same id": async (scene) => {
    const a = await scene.register(web("a", { zone: "z" }));
    const before = a.instance;
    await scene.update(a, { weight: 4 });
    assert.ok(a.instance.revision > before.revision);
    assert.deepEqual(
      { ...a.instance, revision: 0n, weight: 1 },
      { ...before, revision: 0n },
    );
    assert.deepEqual(await scene.registry.list("web"), [a.instance]);
    await assert.rejects(a.update({ weight: -1 }), (error) =>
      InvalidOptionError.is(error),
    );
    assert.equal(a.instance.weight, 4);
  },

  "deregisters on close, and a second close does nothing": async (scene) => {
    const watcher = scene.record("web");
    const a = await scene.register(web("a"));
    await scene.close(a);
    await a.close();
    assert.equal(a.status, "closed");
    assert.deepEqual(await ids(scene), []);
    await scene.complete(watcher);
    await assert.rejects(a.update({ weight: 2 }), (error) =>
      ClosedError.is(error),
    );
    await assert.rejects(a.setState("draining"), (error) =>
      ClosedError.is(error),
    );
  },

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
    assert.deepEqual(await scene.registry.list("web"), [newer.instance]);
    assert.equal(newer.status, "active");
    await scene.complete(watcher);
  },

  "keeps a living registration through many ttls": async (scene) => {
    const watcher = scene.record("web");
    const a = await scene.register(web("a", { ttl: 1000 }));
    assert.ok(a.grantedTtlMs >= 1000);
    await scene.pass(a.grantedTtlMs * 5);
    assert.equal(a.status, "active");
    assert.deepEqual(await ids(scene), ["a"]);
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
    assert.deepEqual(await ids(scene), ["alive", "dead"]);
    await scene.pass(dead.grantedTtlMs / 2);
    scene.removed(dead, "expired");
    await scene.complete(watcher);
    assert.deepEqual(await ids(scene), ["alive"]);
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
    assert.deepEqual(await scene.registry.list("web"), [successor.instance]);
    await scene.complete(watcher);
  },

  "deregisters its own registrations when disposed, and ends its watches":
    async (scene) => {
      const watcher = scene.record("web");
      const a = await scene.register(web("a"));
      await scene.complete(watcher);
      await scene.registry[Symbol.asyncDispose]();
      await scene.registry[Symbol.asyncDispose]();
      scene.removed(a, "deregistered");
      await scene.eventually("the watch ends", () => watcher.ended);
      await scene.complete(watcher);
      assert.equal(a.status, "closed");
      await assert.rejects(scene.registry.register(web("b")), (error) =>
        ClosedError.is(error),
      );
      const reopened = scene.registry.watch("web")[Symbol.asyncIterator]();
      await assert.rejects(reopened.next(), (error) => ClosedError.is(error));
    },
};

const ownCrash = (registry: Registry): Crash | undefined => {
  const { crash } = registry as { crash?: unknown };
  return typeof crash === "function"
    ? (crash.bind(registry) as Crash)
    : undefined;
};

/**
 * The contract of {@link Registry} as cases for a test runner. Each makes a registry of its own and disposes of it.
 * `registrySuite(memoryRegistry)` is how this package proves its own.
 */
export const registrySuite = (
  factory: RegistryFactory,
  options: RegistrySuiteOptions = {},
): readonly SuiteCase[] =>
  Object.entries(cases).map(([name, check]) => ({
    name,
    run: async () => {
      const clock = new ManualClock();
      const registry = await factory({ clock, random: seededRandom(1) });
      const pass = options.pass ?? ((ms: number) => clock.advance(ms));
      const { crash } = options;
      try {
        await check(
          new Scene(registry, pass),
          crash === undefined
            ? ownCrash(registry)
            : (service, id) => crash(registry, service, id),
        );
      } finally {
        await registry[Symbol.asyncDispose]();
      }
      // A timer of a registry that is gone would keep a process alive.
      assert.equal(clock.pending, 0);
    },
  }));
