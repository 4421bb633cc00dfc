import { ManualClock } from "@dp/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import { createLimiter } from "../create-limiter.ts";
import type { Limiter } from "../limiter.ts";
import { memoryStore } from "../stores/memory.ts";
import type { MemoryStore, StoreSession } from "../stores/store.ts";
import { LeasingSession } from "./lease-session.ts";

const processes = 3;

interface Admission {
  readonly atMs: number;
  readonly cost: number;
}

/** What a process asks for is carried out `delayMs` later, in order. */
const delayed = (
  inner: StoreSession,
  clock: ManualClock,
  delayMs: number,
): StoreSession => {
  const after = async <T>(act: () => T | Promise<T>): Promise<T> => {
    if (delayMs > 0) await clock.sleep(delayMs);
    return await act();
  };
  return {
    decide: (subjects, cost, commit) =>
      after(() => inner.decide(subjects, cost, commit)),
    adjust: (subjects, amount, skipped) =>
      after(() => inner.adjust(subjects, amount, skipped)),
    block: (subjects, forMs) => after(() => inner.block(subjects, forMs)),
    reset: (subjects) => after(() => inner.reset(subjects)),
  };
};

interface Plan {
  readonly limit: number;
  readonly burst: number;
  readonly lease: number;
  readonly delaysMs: readonly number[];
}

type Subjects = "perUser" | "perSite";

const processOf = (
  { limit, burst, lease }: Plan,
  store: MemoryStore,
  clock: ManualClock,
  delayMs: number,
): { limiter: Limiter<Subjects>; close: () => void } => {
  let session: LeasingSession | undefined;
  const limiter = createLimiter({
    policies: {
      perUser: tokenBucket({ limit, per: "1s", burst }),
      perSite: tokenBucket({ limit: 2 * limit, per: "1s", burst: 2 * burst }),
    },
    store: {
      bind: (bound): StoreSession =>
        (session = new LeasingSession(
          delayed(store.bind(bound, clock), clock, delayMs),
          bound,
          clock,
          lease,
        )),
    },
    clock,
    onStoreError: "throw",
  });
  return { limiter, close: () => session?.close() };
};

/** How far the admissions of the worst interval are above the bound of a bucket without leases; at most 0 if none is. */
const excess = (
  admissions: readonly Admission[],
  limit: number,
  burst: number,
): number => {
  let worst = 0;
  for (const [first, { atMs: fromMs }] of admissions.entries()) {
    let sum = 0;
    for (const { atMs, cost } of admissions.slice(first)) {
      sum += cost;
      worst = Math.max(worst, sum - burst - ((atMs - fromMs) * limit) / 1_000);
    }
  }
  return worst;
};

const plan = fc.record({
  limit: fc.constantFrom(10, 40, 300),
  burst: fc.integer({ min: 1, max: 120 }),
  lease: fc.integer({ min: 2, max: 40 }),
  delaysMs: fc.array(fc.constantFrom(0, 1, 7, 60), {
    minLength: processes,
    maxLength: processes,
  }),
});
const step = fc.record({
  passedMs: fc.constantFrom(0, 0, 0, 1, 5, 20, 150, 1_100),
  process: fc.nat({ max: processes - 1 }),
  user: fc.constantFrom("ann", "bob"),
  takes: fc.integer({ min: 1, max: 30 }),
  cost: fc.constantFrom(1, 1, 1, 2, 5),
});

describe("processes with leases", () => {
  it("let through at most burst + s / T + N * lease over every interval, of every subject", async () => {
    await fc.assert(
      fc.asyncProperty(
        plan,
        fc.array(step, { minLength: 20, maxLength: 80 }),
        async (chosen, steps) => {
          const { limit, burst, lease, delaysMs } = chosen;
          const clock = new ManualClock();
          const store = memoryStore();
          const all = delaysMs.map((delayMs) =>
            processOf(chosen, store, clock, delayMs),
          );
          const admitted: Record<string, Admission[]> = {
            ann: [],
            bob: [],
            site: [],
          };
          const take = async (
            process: number,
            user: string,
            cost: number,
          ): Promise<void> => {
            const { limiter } = all[process]!;
            const keys = { perUser: user, perSite: "site" };
            if (!(await limiter.allow(keys, cost))) return;
            admitted[user]!.push({ atMs: clock.now(), cost });
            admitted["site"]!.push({ atMs: clock.now(), cost });
          };
          const under: Promise<void>[] = [];
          for (const { passedMs, process, user, takes, cost } of steps) {
            await clock.advance(passedMs);
            for (let count = 0; count < takes; count++)
              under.push(take(process, user, cost));
          }
          await clock.advance(5_000);
          await Promise.all(under);
          for (const [subject, admissions] of Object.entries(admitted)) {
            const factor = subject === "site" ? 2 : 1;
            const over = excess(admissions, factor * limit, factor * burst);
            expect(over, subject).toBeLessThanOrEqual(processes * lease + 1e-6);
          }
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  it("let through almost a lease more than the store alone would, when it is spent as late as it may be", async () => {
    const chosen = { limit: 100, burst: 100, lease: 20, delaysMs: [] };
    const clock = new ManualClock();
    const store = memoryStore();
    const [late, other] = [0, 1].map(() => processOf(chosen, store, clock, 0));
    const keys = { perUser: "ann", perSite: "site" };
    for (let take = 0; take < 2; take++) await late!.limiter.take(keys);
    // 22 units were charged at 0, and 20 of them come back in the time of the lease.
    await clock.advance(199);
    const admissions: Admission[] = [];
    for (const { limiter } of [other!, late!])
      for (let take = 0; take < 150; take++)
        if (await limiter.allow(keys))
          admissions.push({ atMs: clock.now(), cost: 1 });
    expect(excess(admissions, 100, 100)).toBe(17);
  });

  it("give back all they have not spent, and strand one lease for each that dies", async () => {
    const chosen = { limit: 1, burst: 1_000, lease: 20, delaysMs: [] };
    const clock = new ManualClock();
    const store = memoryStore();
    const all = [0, 1, 2].map(() => processOf(chosen, store, clock, 0));
    const keys = { perUser: "ann", perSite: "site" };
    for (const { limiter } of all)
      for (let take = 0; take < 5; take++) await limiter.take(keys);
    const [first, second] = all;
    const left = async (): Promise<number> =>
      (await first!.limiter.peek(keys)).limits.perUser.remaining;
    // Each has asked for one, then for one and twenty, and spent three of these.
    expect(await left()).toBe(1_000 - 3 * 22);
    first!.close();
    second!.close();
    expect(await left()).toBe(1_000 - 3 * 5 - 17);
  });

  it("ask the store for a small part of their decisions", async () => {
    const chosen = { limit: 1_000, burst: 1_000, lease: 50, delaysMs: [] };
    const clock = new ManualClock();
    const memory = memoryStore();
    let asked = 0;
    const counting: MemoryStore = {
      size: 0,
      bind: (bound, own) => {
        const inner = memory.bind(bound, own);
        const decideSync: typeof inner.decideSync = (...words) =>
          inner.decideSync(...words);
        return {
          decideSync,
          decide: (...words) => {
            asked++;
            return inner.decide(...words);
          },
          adjust: (...words) => {
            asked++;
            return inner.adjust(...words);
          },
          block: (...words) => inner.block(...words),
          reset: (...words) => inner.reset(...words),
        };
      },
    };
    const all = [0, 1, 2].map(() => processOf(chosen, counting, clock, 0));
    const keys = { perUser: "ann", perSite: "site" };
    for (let ms = 0; ms < 1_000; ms++) {
      await clock.advance(1);
      for (const [index, { limiter }] of all.entries())
        if (ms % 4 === index) expect(await limiter.allow(keys)).toBe(true);
    }
    expect(asked).toBeLessThan(750 / 5);
  });
});
