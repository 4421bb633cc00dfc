import { ManualClock } from "@dp/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClosedError, SupersededError } from "../errors.ts";
import type { Instance } from "../instance.ts";
import type { Registration } from "../registration.ts";
import { checkHistory, type HistoryEntry } from "../testing/history.ts";
import type { RemovalCause, WatchEvent } from "../watch-event.ts";
import { memoryRegistry } from "./memory.ts";

const services = ["web", "mail"];
const ids = ["a", "b", "c"];

interface Holder {
  instance: Instance;
  handle: Handle;
}

/** What the model knows of one registration. */
interface Handle {
  readonly real: Registration;
  readonly ttlMs: number;
  readonly bornMs: number;
  status: "active" | "superseded" | "closed";
  wroteMs: number;
  crashed: boolean;
  diesAtMs: number;
}

const same = (one: Instance, other: Instance): boolean =>
  one.service === other.service && one.id === other.id;

/** The registry as one would write it on a napkin: a list of holders, searched from the start every time. */
class Model {
  nowMs = 0;
  revision = 0n;
  holders: Holder[] = [];
  readonly history = new Map<string, HistoryEntry[]>(
    services.map((service) => [service, []]),
  );

  put(instance: Instance, handle: Handle): void {
    this.revision++;
    const written = { ...instance, revision: this.revision };
    this.holders = this.holders.filter(
      (each) => !same(each.instance, instance),
    );
    this.holders.push({ instance: written, handle });
    handle.wroteMs = this.nowMs;
    this.history.get(instance.service)?.push({
      change: { op: "put", instance: written },
      revision: this.revision,
    });
  }

  remove({ instance }: Holder, why: RemovalCause): void {
    this.revision++;
    this.holders = this.holders.filter(
      (each) => !same(each.instance, instance),
    );
    this.history.get(instance.service)?.push({
      change: { op: "delete", id: instance.id, why },
      revision: this.revision,
    });
  }

  crash({ handle }: Holder): void {
    if (handle.crashed) return;
    handle.crashed = true;
    if (handle.ttlMs === Infinity) return;
    const periodMs = handle.ttlMs / 3;
    const renewals = Math.floor((this.nowMs - handle.bornMs) / periodMs);
    const renewedMs = handle.bornMs + renewals * periodMs;
    handle.diesAtMs = Math.max(renewedMs, handle.wroteMs) + handle.ttlMs;
  }

  pass(ms: number): void {
    this.nowMs += ms;
    const due = this.holders.filter(
      (each) => each.handle.diesAtMs <= this.nowMs,
    );
    due.sort((one, other) => one.handle.diesAtMs - other.handle.diesAtMs);
    for (const holder of due) this.remove(holder, "expired");
  }

  of(handle: Handle): Holder | undefined {
    return this.holders.find((each) => each.handle === handle);
  }
}

const service = fc.constantFrom(...services);
const id = fc.constantFrom(...ids);
const nth = fc.nat(30);
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("register" as const),
        service,
        id,
        ttl: fc.constantFrom(900, 3000, Infinity),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom("update", "drain", "serve", "close"),
        nth,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant("crash" as const), service, id }),
    },
    fc.record({ do: fc.constant("watch" as const), service }),
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom("read", "leave"),
        nth,
        reads: fc.nat(5),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("pass" as const),
        ms: fc.integer({ min: 1, max: 2000 }),
      }),
    },
  ),
  { maxLength: 60, size: "max" },
);
type Step = typeof steps extends fc.Arbitrary<(infer S)[]> ? S : never;

interface Watcher {
  readonly service: string;
  readonly iterator: AsyncIterator<WatchEvent<unknown>, unknown>;
  readonly seen: WatchEvent<unknown>[];
  left: boolean;
}

const read = (watcher: Watcher, reads: number): void => {
  // Not awaited: several reads may wait at once, and must be answered in order.
  for (let index = 0; index < reads; index++)
    void watcher.iterator.next().then((result) => {
      if (result.done !== true) watcher.seen.push(result.value);
    });
};

/** Runs the trace on both; returns nothing, expects everything. */
const compare = async (trace: readonly Step[]): Promise<void> => {
  const clock = new ManualClock();
  const registry = memoryRegistry({ clock, random: () => 0 });
  const model = new Model();
  const handles: Handle[] = [];
  const watchers: Watcher[] = [];
  const pass = async (ms: number): Promise<void> => {
    await clock.advance(ms);
    model.pass(ms);
  };

  const change = async (
    handle: Handle,
    how: "update" | "drain" | "serve",
  ): Promise<void> => {
    const before = handle.real.instance;
    const state = how === "drain" ? "draining" : "serving";
    const write =
      how === "update"
        ? handle.real.update({ weight: before.weight + 1 })
        : handle.real.setState(state);
    if (handle.status !== "active" || handle.crashed) {
      await expect(write).rejects.toThrow(
        handle.status === "superseded" ? SupersededError : ClosedError,
      );
      return;
    }
    await write;
    if (how === "update")
      model.put({ ...before, weight: before.weight + 1 }, handle);
    else if (before.state !== state) model.put({ ...before, state }, handle);
  };

  const apply = async (step: Step): Promise<void> => {
    if (step.do === "register") {
      const real = await registry.register({
        ...step,
        host: "h",
        port: handles.length + 1,
      });
      const handle: Handle = {
        real,
        ttlMs: step.ttl,
        bornMs: model.nowMs,
        status: "active",
        wroteMs: 0,
        crashed: false,
        diesAtMs: Infinity,
      };
      for (const older of handles)
        if (
          same(older.real.instance, real.instance) &&
          older.status === "active"
        )
          older.status = "superseded";
      handles.push(handle);
      model.put(real.instance, handle);
    } else if (step.do === "crash") {
      registry.crash(step.service, step.id);
      const holder = model.holders.find(
        ({ instance, handle }) =>
          instance.service === step.service &&
          instance.id === step.id &&
          handle.status === "active",
      );
      if (holder !== undefined) model.crash(holder);
    } else if (step.do === "watch") {
      const events = registry.watch(step.service);
      watchers.push({
        service: step.service,
        iterator: events[Symbol.asyncIterator](),
        seen: [],
        left: false,
      });
    } else if (step.do === "pass") {
      await pass(step.ms);
    } else if (step.do === "read" || step.do === "leave") {
      const watcher = watchers[step.nth % watchers.length];
      if (watcher === undefined) return;
      read(watcher, step.reads);
      if (step.do === "read") return;
      await watcher.iterator.return?.();
      watcher.left = true;
    } else {
      const handle = handles[step.nth % handles.length];
      if (handle === undefined) return;
      if (step.do !== "close") return change(handle, step.do);
      const holder = model.of(handle);
      if (holder !== undefined && !handle.crashed)
        model.remove(holder, "deregistered");
      if (handle.status === "active") handle.status = "closed";
      await handle.real.close();
    }
  };

  for (const step of trace) {
    // Every step at a fraction of its own, so that no two leases end at the same moment.
    await pass(1 / 1024);
    await apply(step);
    for (const name of services) {
      const expected = model.holders
        .map(({ instance }) => instance)
        .filter((instance) => instance.service === name);
      expect(await registry.list(name)).toEqual(expected);
    }
    for (const { real, status, diesAtMs } of handles)
      expect(real.status).toBe(
        status === "active" && diesAtMs <= model.nowMs ? "uncertain" : status,
      );
  }
  for (const watcher of watchers) {
    const before = watcher.seen.length;
    read(watcher, 200);
    await clock.advance(0);
    checkHistory(model.history.get(watcher.service) ?? [], watcher.seen, {
      complete: !watcher.left,
    });
    if (watcher.left) expect(watcher.seen).toHaveLength(before);
    await watcher.iterator.return?.();
  }
  expect(registry.watches).toBe(0);
  await registry[Symbol.asyncDispose]();
  expect(clock.pending).toBe(0);
};

describe("the memory registry beside its reference model", () => {
  it("agrees on every list, status and watch through random traces", async () => {
    await fc.assert(fc.asyncProperty(steps, compare), {
      seed: 1,
      numRuns: 200,
    });
  });
});
