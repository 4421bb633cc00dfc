import { InvalidOptionError, seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  failsWithoutAttracting,
  names,
  shareOfFailing,
} from "../../test/failing-instance.ts";
import { countPicks } from "../../test/shares.ts";
import { candidatesOf } from "../testing/balancer-case.ts";
import type { Balancer, BalancerOptions, Candidate } from "./balancer.ts";
import { powerOfTwo } from "./power-of-two.ts";
import { prequal } from "./prequal.ts";
import { weightedRoundRobin } from "./weighted-round-robin.ts";

/** Instances whose load is what the test says; the probes are counted. */
const probed = (
  loads: Readonly<
    Record<string, readonly [inFlight: number, latencyMs: number]>
  >,
  seed: number = 1,
) => {
  const clock = new ManualClock();
  const asked: string[] = [];
  const balancer = prequal({
    random: seededRandom(seed),
    clock,
    probe: ({ id }) => {
      asked.push(id);
      const [inFlight, latencyMs] = loads[id]!;
      return Promise.resolve({ inFlight, latencyMs });
    },
  });
  balancer.update(candidatesOf(Object.keys(loads)));
  return { clock, asked, balancer };
};

/** Who is picked how often, when every pick has time to hear of the probes it started. */
const picksOf = async (
  balancer: Balancer,
  clock: ManualClock,
  picks: number,
): Promise<Map<string, number>> => {
  const counts = new Map<string, number>();
  for (let pick = 0; pick < picks; pick++) {
    const picked = balancer.pick()!;
    counts.set(picked.id, (counts.get(picked.id) ?? 0) + 1);
    balancer.settle(picked, { outcome: "success", latencyMs: 1 });
    await clock.advance(1);
  }
  return counts;
};

describe("prequal with probes", () => {
  it("picks by chance until there are answers, and never waits for them", () => {
    const { balancer, asked } = probed(
      Object.fromEntries(names(10).map((id) => [id, [0, 1]])),
    );
    const counts = countPicks(balancer, 1000);
    expect(asked).toEqual([]);
    expect(counts.size).toBe(10);
    expect(Math.max(...counts.values())).toBeLessThan(160);
  });

  it("sees the load that other clients cause", async () => {
    const { balancer, clock } = probed({
      busy: [50, 200],
      idle: [1, 20],
      calm: [2, 30],
    });
    await picksOf(balancer, clock, 10);
    const counts = await picksOf(balancer, clock, 200);
    // With three instances the pool is down to one now and then, and chance decides.
    expect(counts.get("busy") ?? 0).toBeLessThan(5);
    expect(counts.get("idle")).toBeGreaterThan(counts.get("calm") ?? 0);
  });

  it("starts three probes a pick, of instances drawn by chance", async () => {
    const ids = names(100);
    const { balancer, clock, asked } = probed(
      Object.fromEntries(ids.map((id) => [id, [1, 5]])),
    );
    await picksOf(balancer, clock, 1000);
    // An instance drawn twice in one pick is asked once.
    expect(asked.length).toBeGreaterThan(2900);
    expect(asked.length).toBeLessThanOrEqual(3000);
    expect(new Set(asked).size).toBe(100);
  });

  it("uses no answer older than a second", async () => {
    /** How many of forty clients pick the best one, so long after they last heard of it. */
    const wellInformed = async (afterMs: number): Promise<number> => {
      let best = 0;
      for (let seed = 1; seed <= 40; seed++) {
        const { balancer, clock } = probed(
          { a: [0, 1], b: [9, 90], c: [9, 91] },
          seed,
        );
        await picksOf(balancer, clock, 5);
        balancer.pick();
        await clock.advance(afterMs);
        if (balancer.pick()!.id === "a") best++;
      }
      return best;
    };
    expect(await wellInformed(900)).toBeGreaterThan(30);
    expect(await wellInformed(1001)).toBeLessThan(25);
  });

  it("uses no answer of an instance that left", async () => {
    const { balancer, clock } = probed({ a: [0, 1], b: [9, 90], c: [9, 91] });
    await picksOf(balancer, clock, 5);
    balancer.update(candidatesOf(["b", "c"]));
    await clock.advance(1);
    for (let pick = 0; pick < 50; pick++)
      expect(balancer.pick()?.id).not.toBe("a");
  });

  it("leaves no timer behind, also of probes that are never answered", async () => {
    const clock = new ManualClock();
    const signals: AbortSignal[] = [];
    const balancer = prequal({
      random: seededRandom(1),
      clock,
      timeout: "200ms",
      maxProbes: 5,
      probe: (_, signal) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
    });
    balancer.update(candidatesOf(names(50)));
    countPicks(balancer, 100);
    await clock.advance(0);
    expect(signals).toHaveLength(5);
    expect(clock.pending).toBe(5);
    await clock.advance(200);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it("may be used by a probe itself", async () => {
    const clock = new ManualClock();
    let inner = 0;
    const balancer: Balancer = prequal({
      random: seededRandom(1),
      clock,
      probe: () => {
        if (inner++ < 5)
          balancer.settle(balancer.pick()!, { outcome: "success" });
        return Promise.resolve({ inFlight: 0, latencyMs: 1 });
      },
    });
    balancer.update(candidatesOf(names(3)));
    balancer.pick();
    await clock.advance(1);
    expect(inner).toBeGreaterThan(2);
    expect(clock.pending).toBe(0);
  });
});

/**
 * A hundred instances with a queue each, twenty of which work at half speed, and as much work as 90 % of all could do.
 * Milliseconds that 99.9 % of the requests of the second half stay below.
 */
const tailMs = (factory: (options: BalancerOptions) => Balancer): number => {
  let nowMs = 0;
  const clock = Object.assign(new ManualClock(), { now: () => nowMs });
  const draw = seededRandom(21);
  const exponential = (mean: number): number => -Math.log(1 - draw()) * mean;
  const balancer = factory({ random: seededRandom(22), clock });
  balancer.update(candidatesOf(names(100)));
  const freeAtMs = new Map<string, number>();
  const ends = new Map<number, { candidate: Candidate; latencyMs: number }[]>();
  const latencies: number[] = [];
  const perMs = 0.9 * (80 / 10 + 20 / 20);
  let nextMs = exponential(1 / perMs);
  for (let ms = 0; ms < 12_000; ms++) {
    nowMs = ms;
    for (const { candidate, latencyMs } of ends.get(ms) ?? [])
      balancer.settle(candidate, { outcome: "success", latencyMs });
    ends.delete(ms);
    for (; nextMs < ms + 1; nextMs += exponential(1 / perMs)) {
      const candidate = balancer.pick()!;
      const isSlow = Number(candidate.id.slice(1)) < 20;
      const startMs = Math.max(nextMs, freeAtMs.get(candidate.id) ?? 0);
      const endMs = startMs + exponential(isSlow ? 20 : 10);
      freeAtMs.set(candidate.id, endMs);
      const latencyMs = endMs - nextMs;
      if (ms > 6000) latencies.push(latencyMs);
      const slot = Math.max(ms + 1, Math.ceil(endMs));
      ends.set(slot, [...(ends.get(slot) ?? []), { candidate, latencyMs }]);
    }
  }
  latencies.sort((a, b) => a - b);
  return latencies[Math.floor(latencies.length * 0.999)]!;
};

describe("prequal on its own account", () => {
  it("keeps the tail short where a part of the instances is slow, as equal turns cannot", () => {
    const own = tailMs(prequal);
    expect(own).toBeLessThan(300);
    expect(tailMs(weightedRoundRobin)).toBeGreaterThan(10 * own);
    expect(own).toBeLessThan(2 * tailMs(powerOfTwo));
  });

  it("tries one without any latency with one request at a time", () => {
    const balancer = prequal({
      random: seededRandom(3),
      clock: new ManualClock(),
      quantile: 1,
    });
    balancer.update(candidatesOf(names(5)));
    for (const id of names(4)) {
      const exclude = new Set(names(5).filter((each) => each !== id));
      balancer.settle(balancer.pick({ exclude })!, {
        outcome: "success",
        latencyMs: 10,
      });
    }
    const held = Array.from({ length: 200 }, () => balancer.pick()!);
    expect(held.filter(({ id }) => id === "i4")).toHaveLength(1);
  });

  it("spreads by weight what is alike", () => {
    const balancer = prequal({
      random: seededRandom(4),
      clock: new ManualClock(),
    });
    const light = names(10);
    const heavy = names(10).map((id) => id.replace("i", "heavy-"));
    balancer.update([...candidatesOf(light, 1), ...candidatesOf(heavy, 3)]);
    const held: Candidate[] = [];
    let onHeavy = 0;
    for (let pick = 0; pick < 20_000; pick++) {
      const picked = balancer.pick()!;
      if (picked.id.startsWith("heavy")) onHeavy++;
      if (held.push(picked) > 200)
        balancer.settle(held.shift()!, { outcome: "success", latencyMs: 10 });
    }
    expect(onHeavy / 20_000).toBeGreaterThan(0.68);
    expect(onHeavy / 20_000).toBeLessThan(0.82);
  });

  it.each([
    { quantile: 1.1 },
    { poolSize: 1 },
    { probesPerPick: -1 },
    { removalsPerPick: NaN },
    { reuseMargin: -1 },
    { maxAge: 0 },
    { timeout: 0 },
    { maxProbes: 0 },
  ])("refuses %j", (options) => {
    expect(() => prequal(options)).toThrow(InvalidOptionError);
    expect(() => prequal(options)).toThrow(
      new RegExp(Object.keys(options)[0]!),
    );
  });
});

describe("an instance that fails at once, under prequal", () => {
  const share = shareOfFailing.bind(undefined, prequal);

  failsWithoutAttracting(prequal);

  it("is picked again within a minute of its last failure", () => {
    const until = (nowMs: number): number => (nowMs < 20_000 ? 1 : 0);
    expect(share(200, until, 80_000, 140_000)).toBeGreaterThan(0.1);
  });
});
