import assert from "node:assert/strict";
import { seededRandom } from "@dp/core";
import type { Registration } from "../registration.ts";
import { web, type RegistryCases } from "./registry-case.ts";

/** What watches owe. */
export const watchingCases: RegistryCases = {
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
    const last = scene.record("web");
    await scene.eventually("its first event", () => last.events.length > 0);
    await scene.close(a);
    await scene.register(web("a", { port: 9090 }));
    for (const watcher of [early, late, last]) await scene.complete(watcher);
    if (scene.seesChanges) assert.equal(early.events.length, 6);
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
    for (let round = 1; round <= scene.backlog; round++)
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
};
