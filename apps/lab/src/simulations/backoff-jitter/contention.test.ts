import { describe, expect, it } from "vitest";
import {
  backoffNames,
  backoffs,
  contention,
  meanContention,
  type BackoffName,
} from "./contention.ts";

const calls = (name: BackoffName, clients: number): number =>
  meanContention(name, clients).calls;
const finishedMs = (name: BackoffName, clients: number): number =>
  meanContention(name, clients).finishedMs;

describe("clients that contend for one row", () => {
  it.each([50, 100])(
    "need fewest calls with full jitter, few more with equal jitter, and many more without any: %i clients",
    (clients) => {
      const full = calls("full", clients);
      const equal = calls("equal", clients);
      expect(full).toBeLessThan(equal);
      expect(equal / full).toBeLessThan(1.1);
      expect(calls("no jitter", clients) / equal).toBeGreaterThan(1.7);
    },
  );

  it("need about half the calls with full jitter that they need without any pause: 50 clients", () => {
    const ratio = calls("full", 50) / calls("none", 50);
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(0.55);
  });

  it("come as close to the figures of the original simulator as chance allows", () => {
    const original: readonly [BackoffName, number, number][] = [
      ["none", 697, 2_402],
      ["no jitter", 622, 1_877],
      ["equal", 349, 816],
      ["full", 333, 793],
      ["decorrelated", 374, 990],
    ];
    for (const [name, fifty, hundred] of original) {
      expect(Math.abs(calls(name, 50) / fifty - 1)).toBeLessThan(0.03);
      expect(Math.abs(calls(name, 100) / hundred - 1)).toBeLessThan(0.03);
    }
  });

  it("are kept in step by pauses without jitter, and take ten times as long as with it", () => {
    for (const jittered of ["equal", "full", "decorrelated"] as const) {
      const ratio = finishedMs("no jitter", 100) / finishedMs(jittered, 100);
      expect(ratio).toBeGreaterThan(8);
    }
  });

  it("all get their write through", () => {
    for (const name of backoffNames) {
      const backoff = backoffs[name];
      for (let clients = 1; clients <= 8; clients++) {
        const figures = contention({ seed: clients, backoff, clients });
        expect(figures.calls).toBeGreaterThanOrEqual(clients);
      }
      expect(contention({ seed: 1, backoff, clients: 1 }).calls).toBe(1);
    }
  });

  it("do the same for the same seed", () => {
    const options = { seed: 7, backoff: backoffs.full, clients: 30 };
    expect(contention(options)).toEqual(contention(options));
    expect(contention({ ...options, seed: 8 })).not.toEqual(
      contention(options),
    );
  });
});
