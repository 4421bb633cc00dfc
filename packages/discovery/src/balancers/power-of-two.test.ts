import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  failsWithoutAttracting,
  names,
  shareOfFailing,
} from "../../test/failing-instance.ts";
import { chiSquare, countPicks } from "../../test/shares.ts";
import { candidatesOf } from "../testing/balancer-case.ts";
import type { Balancer, Candidate } from "./balancer.ts";
import { powerOfTwo } from "./power-of-two.ts";
import { random } from "./random.ts";

/** The most picks any of `count` candidates got from as many picks that all stay in flight. */
const fullest = (balancer: Balancer, count: number): number => {
  balancer.update(candidatesOf(names(count)));
  const counts = new Map<string, number>();
  for (let pick = 0; pick < count; pick++) {
    const id = balancer.pick()?.id ?? "nobody";
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return Math.max(...counts.values());
};

describe("powerOfTwo", () => {
  it("compares two distinct candidates: the busy one of two gets nothing", () => {
    const clock = new ManualClock();
    const balancer = powerOfTwo({ random: seededRandom(1), clock });
    const [a, b] = candidatesOf(["a", "b"]) as [Candidate, Candidate];
    balancer.update([a]);
    for (let held = 0; held < 3; held++) balancer.pick();
    balancer.update([a, b]);
    for (let pick = 0; pick < 1000; pick++) {
      expect(balancer.pick()).toBe(b);
      balancer.settle(b, { outcome: "success" });
    }
  });

  it("draws every pair alike and breaks ties by chance", () => {
    const balancer = powerOfTwo({ random: seededRandom(3) });
    balancer.update(candidatesOf(names(10)));
    const counts = new Map<string, number>();
    for (let pick = 0; pick < 100_000; pick++) {
      const picked = balancer.pick()!;
      counts.set(picked.id, (counts.get(picked.id) ?? 0) + 1);
      balancer.settle(picked, { outcome: "success" });
    }
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan(9600);
      expect(count).toBeLessThan(10_400);
    }
  });

  it("draws those left alike when some are excluded, few or most", () => {
    for (const excluded of [1, 5, 8]) {
      const balancer = powerOfTwo({ random: seededRandom(excluded) });
      balancer.update(candidatesOf(names(10)));
      const exclude = new Set(names(excluded));
      const left = names(10).filter((id) => !exclude.has(id));
      const counts = countPicks(balancer, 50_000, { exclude });
      const shares = new Map(left.map((id) => [id, 1 / left.length]));
      expect([...counts.keys()].sort()).toEqual(left);
      // 99.9 % of fair draws stay below 26.1 with 8 degrees of freedom, below 10.8 with 1.
      expect(chiSquare(counts, shares)).toBeLessThan(
        left.length > 2 ? 26.1 : 10.8,
      );
    }
  });

  it("never picks the busier of two, were it first drawn or second", () => {
    const balancer = powerOfTwo({ random: seededRandom(9) });
    balancer.update(candidatesOf(["a", "b"]));
    const inFlight = new Map([
      ["a", 0],
      ["b", 0],
    ]);
    const held: Candidate[] = [];
    const draw = seededRandom(10);
    for (let step = 0; step < 5000; step++) {
      if (held.length > 0 && draw() < 0.5) {
        const [settled] = held.splice(Math.floor(draw() * held.length), 1);
        inFlight.set(settled!.id, inFlight.get(settled!.id)! - 1);
        balancer.settle(settled!, { outcome: "success" });
        continue;
      }
      const picked = balancer.pick()!;
      held.push(picked);
      const least = Math.min(...inFlight.values());
      expect(inFlight.get(picked.id)).toBe(least);
      inFlight.set(picked.id, least + 1);
    }
  });

  it("fills n bins with n balls to about ln ln n / ln 2, where chance alone goes to ln n / ln ln n", () => {
    for (let seed = 1; seed <= 5; seed++) {
      const options = { random: seededRandom(seed) };
      expect(fullest(powerOfTwo(options), 4096)).toBeLessThanOrEqual(4);
      expect(fullest(random(options), 4096)).toBeGreaterThanOrEqual(5);
    }
  });

  it("keeps about n times as many in flight on n times the weight", () => {
    const balancer = powerOfTwo({ random: seededRandom(1) });
    const small = candidatesOf(["a", "b", "c", "d"], 1);
    const large = candidatesOf(["A", "B", "C", "D"], 2);
    balancer.update([...small, ...large]);
    const ids = Array.from({ length: 3000 }, () => balancer.pick()?.id);
    const onLarge = ids.filter((id) => id?.toUpperCase() === id).length;
    expect(onLarge / (ids.length - onLarge)).toBeGreaterThan(1.8);
    expect(onLarge / (ids.length - onLarge)).toBeLessThan(2.2);
  });
});

describe("an instance that fails at once, under powerOfTwo", () => {
  const share = shareOfFailing.bind(undefined, powerOfTwo);

  failsWithoutAttracting(powerOfTwo);

  it("has its share again within a minute of its last failure", () => {
    const until = (nowMs: number): number => (nowMs < 20_000 ? 1 : 0);
    const after = share(200, until, 80_000, 140_000);
    expect(after).toBeGreaterThan(0.19);
    expect(after).toBeLessThan(0.21);
  });

  it("is tried again some seconds after a single failure, even when its peers are idle", () => {
    let nowMs = 0;
    const clock = Object.assign(new ManualClock(), { now: () => nowMs });
    const balancer = powerOfTwo({ random: seededRandom(1), clock });
    const [a, b] = candidatesOf(["a", "b"]) as [Candidate, Candidate];
    balancer.update([a]);
    balancer.settle(balancer.pick()!, { outcome: "failure" });
    balancer.update([a, b]);
    const picked = (): Set<string> => {
      const ids = new Set<string>();
      for (let pick = 0; pick < 50; pick++) {
        const candidate = balancer.pick()!;
        ids.add(candidate.id);
        balancer.settle(candidate, { outcome: "success" });
      }
      return ids;
    };
    nowMs = 6000;
    expect(picked()).toEqual(new Set(["b"]));
    nowMs = 8000;
    expect(picked()).toEqual(new Set(["a", "b"]));
  });
});
