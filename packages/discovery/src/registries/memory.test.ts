import { getEventListeners } from "node:events";
import type { Clock } from "@dp/core";
import { InvalidOptionError } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { ClosedError, SupersededError } from "../errors.ts";
import type { RegistrationEvent } from "../registration.ts";
import { memoryRegistry } from "./memory.ts";

const web = { service: "web", host: "10.0.0.1", port: 8080 };

/** A registry whose renewals come at exactly a third of the ttl. */
const open = () => {
  const clock = new ManualClock();
  return { clock, registry: memoryRegistry({ clock, random: () => 0 }) };
};

/** A clock on which the process can be held up: time goes on, timers do not fire. */
const stallable = () => {
  const manual = new ManualClock();
  let heldMs = 0;
  const clock: Clock = {
    now: () => manual.now() + heldMs,
    wallNow: () => manual.wallNow(),
    schedule: (delayMs, callback) => manual.schedule(delayMs, callback),
    sleep: (delayMs, signal) => manual.sleep(delayMs, signal),
  };
  return { clock, manual, stall: (ms: number) => void (heldMs += ms) };
};

describe("the ids of the memory registry", () => {
  it("are the address unless given, so that a restart replaces its predecessor", async () => {
    const { registry } = open();
    const first = await registry.register(web);
    expect(first.instance.id).toBe("10.0.0.1:8080");
    const second = await registry.register(web);
    expect(first.status).toBe("superseded");
    expect(await registry.list("web")).toEqual([second.instance]);
    const six = await registry.register({ ...web, host: "::1" });
    expect(six.instance.id).toBe("[::1]:8080");
  });
});

describe("a lease of the memory registry", () => {
  it("lasts exactly its ttl after the last renewal", async () => {
    const { clock, registry } = open();
    await registry.register({ ...web, ttl: 3000 });
    await clock.advance(2500);
    registry.crash("web", "10.0.0.1:8080");
    // Last renewed at 2000.
    await clock.advance(2499);
    expect(await registry.list("web")).toHaveLength(1);
    await clock.advance(1);
    expect(await registry.list("web")).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("is renewed in time whatever chance says", async () => {
    for (const draw of [0, 0.5, 0.999]) {
      const clock = new ManualClock();
      const registry = memoryRegistry({ clock, random: () => draw });
      const a = await registry.register({ ...web, ttl: "1s" });
      const { revision } = a.instance;
      await clock.advance(100_000);
      expect(a.status).toBe("active");
      expect(a.instance.revision).toBe(revision);
    }
  });

  it("is never renewed after a third of the ttl, nor before four fifteenths", async () => {
    const delays: number[] = [];
    const manual = new ManualClock();
    const clock: Clock = {
      now: () => manual.now(),
      wallNow: () => manual.wallNow(),
      schedule: (delayMs, callback) => {
        delays.push(delayMs);
        return manual.schedule(delayMs, callback);
      },
      sleep: (delayMs, signal) => manual.sleep(delayMs, signal),
    };
    for (const draw of [0, 0.999999])
      await memoryRegistry({ clock, random: () => draw }).register({
        ...web,
        ttl: 3000,
      });
    const renewals = delays.filter((delayMs) => delayMs < 3000);
    expect(renewals[0]).toBeCloseTo(1000, 6);
    expect(renewals[1]).toBeCloseTo(800, 1);
  });

  it("needs no timer when it is for ever", async () => {
    const { clock, registry } = open();
    const a = await registry.register({ ...web, ttl: Infinity });
    expect(clock.pending).toBe(0);
    await clock.advance(1e9);
    expect(a.status).toBe("active");
    expect(await registry.list("web")).toHaveLength(1);
    await a.update({ weight: 2 });
    expect(clock.pending).toBe(0);
  });

  it("leaves no timer when the last one that needed one is closed", async () => {
    const { clock, registry } = open();
    await registry.register({ ...web, id: "fixed", ttl: Infinity });
    const a = await registry.register({ ...web, ttl: 1000 });
    await a.close();
    expect(clock.pending).toBe(0);
  });

  it("does not care about the wall clock", async () => {
    const { clock, registry } = open();
    const a = await registry.register({ ...web, ttl: 1000 });
    clock.jumpWall(86_400_000);
    await clock.advance(1);
    expect(a.status).toBe("active");
    clock.jumpWall(-2 * 86_400_000);
    await clock.advance(2000);
    expect(a.status).toBe("active");
    expect(await registry.list("web")).toHaveLength(1);
  });
});

describe("a process held up for longer than its ttl", () => {
  it("finds itself uncertain, then puts itself back and says so", async () => {
    const { clock, manual, stall } = stallable();
    const registry = memoryRegistry({ clock, random: () => 0 });
    const a = await registry.register({ ...web, ttl: 900 });
    const before = a.instance.revision;
    const events: RegistrationEvent[] = [];
    a.on((event) => events.push(event));
    const seen: string[] = [];
    const watch = registry.watch("web")[Symbol.asyncIterator]();
    await watch.next();
    stall(899);
    expect(a.status).toBe("active");
    stall(1);
    expect(a.status).toBe("uncertain");
    expect(await registry.list("web")).toEqual([]);
    await manual.advance(300);
    expect(a.status).toBe("active");
    expect(a.instance.revision).toBeGreaterThan(before);
    expect(await registry.list("web")).toEqual([a.instance]);
    expect(events.map(({ status }) => status)).toEqual([
      "reregistering",
      "active",
    ]);
    expect(events[0]?.cause?.message).toMatch(/DP_EXPIRED.*900 ms/);
    for (let index = 0; index < 2; index++) {
      const { value } = (await watch.next()) as { value: { type: string } };
      seen.push(
        JSON.stringify(value, (key, item: unknown) =>
          typeof item === "bigint"
            ? `${item}`
            : key === "instance"
              ? "…"
              : item,
        ),
      );
    }
    expect(seen).toEqual([
      '{"type":"delta","revision":"2","changes":[{"op":"delete","id":"10.0.0.1:8080","why":"expired"}]}',
      '{"type":"delta","revision":"3","changes":[{"op":"put","instance":"…"}]}',
    ]);
  });

  it("puts itself back by a write too", async () => {
    const { clock, stall } = stallable();
    const registry = memoryRegistry({ clock, random: () => 0 });
    const a = await registry.register({ ...web, ttl: 900 });
    stall(5000);
    await a.update({ weight: 7 });
    expect(a.status).toBe("active");
    expect((await registry.list("web"))[0]?.weight).toBe(7);
  });

  it("never comes back over a newer holder of its id", async () => {
    const { clock, manual, stall } = stallable();
    const registry = memoryRegistry({ clock, random: () => 0 });
    const a = await registry.register({ ...web, ttl: 900 });
    stall(5000);
    expect(await registry.list("web")).toEqual([]);
    const b = await registry.register({ ...web, port: 8080, ttl: Infinity });
    await manual.advance(1000);
    expect(a.status).toBe("superseded");
    expect(await registry.list("web")).toEqual([b.instance]);
    await expect(a.setState("draining")).rejects.toThrow(SupersededError);
  });

  it("stays away if a listener closes it on the way back", async () => {
    const { clock, manual, stall } = stallable();
    const registry = memoryRegistry({ clock, random: () => 0 });
    const a = await registry.register({ ...web, ttl: 900 });
    a.on(({ status }) => {
      if (status === "reregistering") void a.close();
    });
    stall(5000);
    await manual.advance(1000);
    expect(a.status).toBe("closed");
    expect(await registry.list("web")).toEqual([]);
    expect(manual.pending).toBe(0);
  });
});

describe("a watch of the memory registry", () => {
  it("opens at its first read and is gone when its loop is left", async () => {
    const { registry } = open();
    const events = registry.watch("web");
    const iterator = events[Symbol.asyncIterator]();
    expect(registry.watches).toBe(0);
    await iterator.next();
    expect(registry.watches).toBe(1);
    await iterator.return?.();
    expect(registry.watches).toBe(0);
    for await (const event of events) {
      expect(event.type).toBe("sync");
      expect(registry.watches).toBe(1);
      break;
    }
    expect(registry.watches).toBe(0);
  });

  it("is gone with its listener when its signal aborts, a read under way included", async () => {
    const { registry } = open();
    const abort = new AbortController();
    const { signal } = abort;
    const iterator = registry.watch("web", { signal })[Symbol.asyncIterator]();
    await iterator.next();
    const reading = iterator.next();
    await registry.register(web);
    expect((await reading).done).toBe(false);
    await registry.register(web);
    const waiting = iterator.next().then(() => iterator.next());
    abort.abort();
    expect((await waiting).done).toBe(true);
    expect(registry.watches).toBe(0);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    const late = registry.watch("web", { signal })[Symbol.asyncIterator]();
    expect((await late.next()).done).toBe(true);
    expect(registry.watches).toBe(0);
  });

  it("takes its listener off the signal when its loop is left", async () => {
    const { registry } = open();
    const { signal } = new AbortController();
    for await (const event of registry.watch("web", { signal })) {
      expect(event.type).toBe("sync");
      expect(getEventListeners(signal, "abort")).toHaveLength(1);
      break;
    }
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("that does not read gets a fresh sync, never a gap", async () => {
    const { registry } = open();
    const iterator = registry.watch("web")[Symbol.asyncIterator]();
    await iterator.next();
    const a = await registry.register({ ...web, ttl: Infinity });
    for (let round = 0; round < 2000; round++)
      await a.update({ weight: round + 1 });
    const { value } = (await iterator.next()) as { value: unknown };
    expect(value).toEqual({
      type: "sync",
      revision: 2001n,
      reason: "overflow",
      instances: new Map([[a.instance.id, a.instance]]),
    });
    await a.update({ weight: 5000 });
    const next = (await iterator.next()) as { value: unknown };
    expect(next.value).toMatchObject({ type: "delta", revision: 2002n });
  });

  it("gives each reader events that nobody can alter", async () => {
    const { registry } = open();
    const metadata = { version: "1" };
    const a = await registry.register({ ...web, metadata });
    metadata.version = "2";
    expect(a.instance.metadata).toEqual({ version: "1" });
    expect(Object.isFrozen(a.instance)).toBe(true);
    expect(Object.isFrozen(a.instance.metadata)).toBe(true);
    await a.update({ metadata: { tags: [{ name: "x" }] } });
    const { tags } = a.instance.metadata as { tags: { name: string }[] };
    expect(() => tags.push({ name: "y" })).toThrow(TypeError);
    expect(() => Object.assign(tags[0]!, { name: "y" })).toThrow(TypeError);
    const [one, other] = await Promise.all(
      [0, 1].map(async () => {
        for await (const event of registry.watch("web"))
          if (event.type === "sync") return event.instances;
        return undefined;
      }),
    );
    expect(one).toEqual(other);
    expect(one).not.toBe(other);
  });

  it("ends after the last news when the registry is disposed", async () => {
    const { registry } = open();
    const iterator = registry.watch("web")[Symbol.asyncIterator]();
    await iterator.next();
    await registry.register(web);
    await registry[Symbol.asyncDispose]();
    const types: string[] = [];
    for (;;) {
      const result = await iterator.next();
      if (result.done === true) break;
      types.push((result.value as { type: string }).type);
    }
    expect(types).toEqual(["delta", "delta"]);
  });
});

describe("a memory registry", () => {
  it("refuses metadata that cannot be copied", async () => {
    const { registry } = open();
    const metadata = { call: () => 1 };
    await expect(registry.register({ ...web, metadata })).rejects.toThrow(
      InvalidOptionError,
    );
    expect(await registry.list("web")).toEqual([]);
  });

  it("does nothing more once disposed", async () => {
    const { registry } = open();
    await registry[Symbol.asyncDispose]();
    await expect(registry.list("web")).rejects.toThrow(ClosedError);
    await expect(registry.services()).rejects.toThrow(ClosedError);
  });

  it("ignores a crash of an id it does not know", async () => {
    const { registry } = open();
    registry.crash("web", "nobody");
    expect(await registry.services()).toEqual([]);
  });

  it("crashes instances that then cannot write, whatever their handle is told", async () => {
    const { clock, registry } = open();
    const a = await registry.register({ ...web, ttl: 900 });
    registry.crash("web", a.instance.id);
    await expect(a.update({ weight: 2 })).rejects.toThrow(ClosedError);
    await clock.advance(900);
    expect(a.status).toBe("uncertain");
    expect(await registry.list("web")).toEqual([]);
  });
});
