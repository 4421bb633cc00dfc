import { beforeAll, describe, expect, it } from "vitest";
import { limitAfterHanging } from "./hanging.ts";
import {
  algorithmNames,
  overload,
  service,
  type AlgorithmName,
  type OverloadFigures,
} from "./overload.ts";

const figures = new Map<AlgorithmName, OverloadFigures>();
beforeAll(async () => {
  for (const name of algorithmNames) figures.set(name, await overload(name, 1));
});

const of = (name: AlgorithmName): OverloadFigures => figures.get(name)!;
const capacity = (1_000 * service.workers) / service.serviceMs;

describe("a service that is asked for half as much again as it can do", () => {
  it("answers nobody in time when nothing limits the calls in flight", () => {
    const { before, slow, after } = of("no limit");
    for (const { goodput } of [before, slow, after]) expect(goodput).toBe(0);
  });

  it.each(["vegas", "gradient2"] as const)(
    "does nearly all it can behind a limit that goes by times, before, while and after it is slow: %s",
    (name) => {
      const { before, slow, after } = of(name);
      expect(before.goodput / capacity).toBeGreaterThan(0.95);
      expect(slow.goodput / (capacity / 2)).toBeGreaterThan(0.95);
      expect(after.goodput / capacity).toBeGreaterThan(0.95);
    },
  );

  it("gets a limit near its number of workers from vegas, and so answers with little delay", () => {
    for (const { limit } of [of("vegas").before, of("vegas").after]) {
      expect(limit).toBeGreaterThan(service.workers);
      expect(limit).toBeLessThan(2.5 * service.workers);
    }
    expect(of("vegas").before.p99Ms).toBeLessThan(3 * service.serviceMs);
  });

  it("gets a limit of a few times its workers from gradient2, which stays: it queues, but within the timeout", () => {
    for (const { limit, p99Ms } of [
      of("gradient2").before,
      of("gradient2").after,
    ]) {
      expect(limit).toBeGreaterThan(service.workers);
      expect(limit).toBeLessThan(5.5 * service.workers);
      expect(p99Ms).toBeLessThan(6 * service.serviceMs);
    }
    expect(of("gradient2").slow.limit).toBeLessThan(
      of("gradient2").before.limit,
    );
  });

  it("is used unevenly behind aimd, which hears of an overload from every call that is late: two thirds and more", () => {
    const { goodput } = of("aimd").before;
    expect(goodput / capacity).toBeGreaterThan(0.65);
    expect(goodput).toBeLessThan(of("vegas").before.goodput);
  });

  it("gets the same limits for the same seed", async () => {
    expect(await overload("gradient2", 1)).toEqual(of("gradient2"));
  });
});

describe("a service that answers no call", () => {
  it.each(["aimd", "vegas", "gradient2"] as const)(
    "does not pass for a steady one because all timeouts take the same time: %s",
    async (algorithm) => {
      const limit = await limitAfterHanging({
        algorithm,
        countsAsAnswer: false,
      });
      expect(limit).toBe(1);
    },
  );

  it.each(["aimd", "vegas", "gradient2"] as const)(
    "would, if timeouts counted as answers: %s grows",
    async (algorithm) => {
      const limit = await limitAfterHanging({
        algorithm,
        countsAsAnswer: true,
      });
      expect(limit).toBeGreaterThan(35);
    },
  );
});
