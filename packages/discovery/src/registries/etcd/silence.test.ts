import { ManualClock } from "@dp/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { Silence } from "./silence.ts";

let clock: ManualClock;
let asked: number[];
let errors: string[];
let answer: () => Promise<void>;
let silence: Silence;

beforeEach(() => {
  clock = new ManualClock();
  asked = [];
  errors = [];
  answer = () => Promise.resolve();
  silence = new Silence({
    clock,
    limitMs: 1000,
    ask: () => {
      asked.push(clock.now());
      return answer();
    },
    tooLong: (error) => errors.push(error.message),
  });
});

describe("Silence", () => {
  it("gives a connection that is being opened the whole limit, and asks nothing", async () => {
    await clock.advance(999);
    expect(errors).toEqual([]);
    await clock.advance(1);
    expect(errors).toEqual([
      "DP_REGISTRY_TIMEOUT: the watch was not opened within 1000 ms",
    ]);
    expect(asked).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("asks after half the limit, again and again while there are answers", async () => {
    silence.opened();
    await clock.advance(1600);
    expect(asked).toEqual([500, 1000, 1500]);
    expect(errors).toEqual([]);
  });

  it("asks nothing while something is heard", async () => {
    silence.opened();
    for (let step = 0; step < 20; step++) {
      await clock.advance(400);
      silence.heard();
    }
    expect(asked).toEqual([]);
  });

  it("calls it too long when no answer comes by the limit", async () => {
    silence.opened();
    answer = () => new Promise(() => undefined);
    await clock.advance(999);
    expect(errors).toEqual([]);
    await clock.advance(1);
    expect(errors).toEqual([
      "DP_REGISTRY_TIMEOUT: the registry gave no answer within 500 ms",
    ]);
    expect(clock.pending).toBe(0);
  });

  it("calls it too long when the answer is that something is wrong", async () => {
    silence.opened();
    answer = () => Promise.reject(new Error("deaf"));
    await clock.advance(500);
    expect(errors).toEqual(["deaf"]);
  });

  it("leaves no timer and says nothing more once stopped", async () => {
    silence.opened();
    answer = () => new Promise(() => undefined);
    await clock.advance(600);
    silence.stop();
    expect(clock.pending).toBe(0);
    silence.opened();
    await clock.advance(5000);
    expect(errors).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
