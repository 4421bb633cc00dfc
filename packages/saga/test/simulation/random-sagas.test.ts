import { describe, expect, it } from "vitest";
import { saga } from "@dp/saga";
import { simulate } from "@dp/saga/testing";
import { playSeed, simulateRandomSagas } from "./random-sagas.ts";

const nothing = (): undefined => undefined;

describe("random sagas in worlds where everything goes wrong", () => {
  it("keep every law, in 5,000 worlds", async () => {
    const { states, deaths, violations } = await simulateRandomSagas(5_000, 1);
    expect(violations).toEqual([]);
    console.log(
      `5,000 worlds: ${JSON.stringify(states)}, ${deaths} workers killed`,
    );
    // All of it was really tried.
    expect(deaths).toBeGreaterThan(2_000);
    expect(states.completed).toBeGreaterThan(2_000);
    expect(states.compensated).toBeGreaterThan(2_000);
    expect(states.abandoned).toBeGreaterThan(20);
  }, 120_000);

  it("are played again by their seed, byte for byte", async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { trace } = await playSeed(seed);
      expect((await playSeed(seed)).trace.join("\n")).toBe(trace.join("\n"));
      expect(trace.length).toBeGreaterThan(20);
    }
  });
});

describe("simulate", () => {
  const order = saga<{ readonly item: string }>("order")
    .step("reserve", { execute: nothing, compensate: nothing })
    .step("charge", { execute: nothing, compensate: nothing })
    .pivot("ship", { execute: nothing })
    .result(nothing);
  const input = { item: "lamp" };

  it("finds nothing wrong with participants that keep the contract", async () => {
    const summary = await simulate(order, { seeds: 200, input });
    expect(summary).toMatchObject({ seeds: 200, runs: 400, violations: [] });
  });

  it("shows what happens twice at a participant that does not know its keys", async () => {
    const { violations } = await simulate(order, {
      seeds: 100,
      input,
      participants: { charge: { isIdempotent: false } },
    });
    const whats = violations.map(({ what }) => what);
    expect(whats.some((what) => /charge happened 2 times/.test(what))).toBe(
      true,
    );
    expect(whats.some((what) => /reserve/.test(what))).toBe(false);
  });

  it("shows what stays when a late call is not refused after its compensation", async () => {
    const { violations } = await simulate(order, {
      seeds: 1_000,
      input,
      participants: { charge: { hasTombstones: false } },
    });
    expect(violations.map(({ what }) => what)).toContainEqual(
      expect.stringContaining(
        "compensated although charge happened and was not undone",
      ),
    );
  });

  it("shows what stays of a step without a compensation, unless it has no effect", async () => {
    const leaky = saga("leaky")
      .step("note", { execute: nothing })
      .step("charge", { execute: nothing, compensate: nothing })
      .result(nothing);
    const { violations } = await simulate(leaky, { seeds: 100 });
    expect(violations.map(({ what }) => what)).toContainEqual(
      expect.stringContaining("note happened and was not undone"),
    );
    const participants = { note: { hasEffect: false } };
    const harmless = await simulate(leaky, { seeds: 100, participants });
    expect(harmless.violations).toEqual([]);
  });

  it("refuses a count of seeds that is none", async () => {
    await expect(simulate(order, { seeds: 0 })).rejects.toThrow("seeds");
  });
});
