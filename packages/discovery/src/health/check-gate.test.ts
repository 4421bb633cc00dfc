import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  instanceOf,
  scriptedRegistry,
  syncOf,
} from "../../test/scripted-registry.ts";
import { discover } from "../discover.ts";
import { CheckGate, checksAtOnce } from "./check-gate.ts";
import { healthCheck } from "./health-check.ts";

describe("a check gate", () => {
  it("agrees with a naive line through random traces", () => {
    const step = fc.constantFrom("enter", "enter", "leave", "forget");
    const trace = fc.array(step, { minLength: 300, maxLength: 900 });
    fc.assert(
      fc.property(trace, fc.integer(), (steps, seed) => {
        const random = seededRandom(seed);
        const gate = new CheckGate();
        const started: number[] = [];
        const starts: (() => void)[] = [];
        let line: number[] = [];
        const expected: number[] = [];
        let under = 0;
        for (const what of steps) {
          if (what === "enter") {
            const index = starts.length;
            starts.push(() => void started.push(index));
            gate.enter(starts[index]!);
            line.push(index);
          } else if (what === "leave" && under > 0) {
            gate.leave();
            under--;
          } else if (what === "forget" && starts.length > 0) {
            const index = Math.floor(random() * starts.length);
            expect(gate.forget(starts[index]!)).toBe(line.includes(index));
            line = line.filter((each) => each !== index);
          }
          while (under < checksAtOnce && line.length > 0) {
            expected.push(line.shift()!);
            under++;
          }
          expect(started).toEqual(expected);
        }
      }),
      { seed: 1, numRuns: 30 },
    );
  });
});

const thousand = 1000;
const intervalMs = 5000;

/** A view of many instances whose checks take `tookMs`; when each was started, and how many were under way. */
const open = async (
  tookMs: number,
  random = seededRandom(7),
  count = thousand,
) => {
  const clock = new ManualClock();
  const registry = scriptedRegistry();
  const startedAt = new Map<string, number[]>();
  let under = 0;
  let most = 0;
  const health = healthCheck.custom(
    async ({ id }, signal) => {
      startedAt.set(id, [...(startedAt.get(id) ?? []), clock.now()]);
      most = Math.max(most, ++under);
      let over = false;
      const end = (): void => {
        if (!over) under--;
        over = true;
      };
      signal.addEventListener("abort", end);
      if (tookMs > 0) await clock.sleep(tookMs, signal);
      end();
    },
    { interval: intervalMs, timeout: 2000 },
  );
  const view = discover(registry, "web", { clock, health, random });
  const ids = Array.from({ length: count }, (_, index) => `i${index}`);
  registry.opened[0]!.emit(syncOf(1, ...ids.map((id) => instanceOf(id))));
  await clock.advance(0);
  return { clock, view, startedAt, most: () => most };
};

describe("the checks of many instances", () => {
  it("start at once for all, then spread over the interval, one in each", async () => {
    const { clock, view, startedAt } = await open(0);
    expect([...startedAt.values()].flat()).toEqual(Array(thousand).fill(0));
    await view.ready({ minimum: thousand });
    await clock.advance(3 * intervalMs);
    const inMs = new Map<number, number>();
    for (const starts of startedAt.values()) {
      const rounds = starts.map((ms) => Math.ceil(ms / intervalMs));
      expect(rounds).toEqual([0, 1, 2, 3]);
      for (const ms of starts.slice(1)) {
        const slot = Math.floor(ms / 100);
        inMs.set(slot, (inMs.get(slot) ?? 0) + 1);
      }
    }
    // Twenty on average in a tenth of a second; with this many draws never the double by chance.
    expect(inMs.size).toBeGreaterThanOrEqual((3 * intervalMs) / 100);
    expect(Math.max(...inMs.values())).toBeLessThan(45);
    await view[Symbol.asyncDispose]();
    expect(clock.pending).toBe(0);
  });

  it("spread also when all have hung at first", async () => {
    const { clock, view, startedAt } = await open(1e9, seededRandom(7), 200);
    await clock.advance(2 * intervalMs);
    const seconds = [...startedAt.values()].map((starts) => starts[1]!);
    expect(Math.min(...seconds)).toBeGreaterThan(2000);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(intervalMs);
    expect(new Set(seconds.map((ms) => Math.floor(ms / 500))).size).toBe(6);
    await view[Symbol.asyncDispose]();
  });

  it("are at most 256 at a time, and the rest wait for their turn", async () => {
    const { clock, view, startedAt, most } = await open(10);
    expect(startedAt.size).toBe(checksAtOnce);
    await clock.advance(10);
    expect(startedAt.size).toBe(2 * checksAtOnce);
    expect(view.explain().instances.map((each) => each.standing)).toEqual(
      Array.from({ length: thousand }, (_, index) =>
        index < checksAtOnce ? "ready" : "pending",
      ),
    );
    await clock.advance(30);
    await view.ready({ minimum: thousand });
    await clock.advance(2 * intervalMs);
    expect(most()).toBe(checksAtOnce);
    await view[Symbol.asyncDispose]();
    expect(clock.pending).toBe(0);
  });

  it("that hang give their place to the next at their timeout", async () => {
    const { clock, view, startedAt, most } = await open(1e9);
    await clock.advance(1999);
    expect(startedAt.size).toBe(checksAtOnce);
    await clock.advance(1);
    expect(startedAt.size).toBe(2 * checksAtOnce);
    expect(most()).toBe(checksAtOnce);
    await view[Symbol.asyncDispose]();
  });

  it("that wait do not start when the view is disposed", async () => {
    const { clock, view, startedAt } = await open(1e9);
    await view[Symbol.asyncDispose]();
    await clock.advance(10_000);
    expect(startedAt.size).toBe(checksAtOnce);
    expect(clock.pending).toBe(0);
  });
});

describe("an instance that leaves", () => {
  it("gives its place to one that waits, or its place in the line to nobody", async () => {
    const clock = new ManualClock();
    const registry = scriptedRegistry();
    const started: string[] = [];
    const health = healthCheck.custom(async ({ id }) => {
      started.push(id);
      await new Promise(() => undefined);
    });
    const view = discover(registry, "web", { clock, health });
    const ids = Array.from({ length: checksAtOnce + 2 }, (_, i) => `i${i}`);
    const watch = registry.opened[0]!;
    watch.emit(syncOf(1, ...ids.map((id) => instanceOf(id))));
    await clock.advance(0);
    const waiting = ids.slice(checksAtOnce);
    for (const [index, id] of [waiting[0]!, ids[0]!].entries()) {
      const change = { op: "delete", id, why: "deregistered" } as const;
      const revision = BigInt(index + 2);
      watch.emit({ type: "delta", revision, changes: [change] });
      await clock.advance(0);
    }
    expect(started).toEqual([...ids.slice(0, checksAtOnce), waiting[1]]);
    await view[Symbol.asyncDispose]();
    expect(clock.pending).toBe(0);
  });
});
