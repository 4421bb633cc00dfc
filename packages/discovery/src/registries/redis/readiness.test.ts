import { ManualClock } from "@dp/core/testing";
import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { Readiness } from "./readiness.ts";

const open = () => {
  const clock = new ManualClock();
  const client = { isReady: false };
  return { clock, client, readiness: new Readiness(client, clock) };
};

describe("waiting for a client", () => {
  it("takes one timer, however many wait, and ends for all of them", async () => {
    const { clock, client, readiness } = open();
    const { signal } = new AbortController();
    let reached = 0;
    for (let index = 0; index < 1000; index++)
      void readiness.reached(signal).then(() => reached++);
    expect(clock.pending).toBe(1);
    await clock.advance(60_000);
    expect([reached, clock.pending]).toEqual([0, 1]);
    client.isReady = true;
    await clock.advance(10);
    expect([reached, clock.pending]).toEqual([1000, 0]);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    await readiness.reached(signal);
  });

  it("ends for whoever gives up, and for nobody else", async () => {
    const { clock, client, readiness } = open();
    const abort = new AbortController();
    const given = readiness.reached(abort.signal);
    const other = readiness.reached(new AbortController().signal);
    abort.abort(new Error("enough"));
    await expect(given).rejects.toThrow("enough");
    expect(clock.pending).toBe(1);
    client.isReady = true;
    await clock.advance(10);
    await other;
    await expect(readiness.reached(abort.signal)).rejects.toThrow("enough");
  });

  it("leaves no timer when all have given up, and starts anew after that", async () => {
    const { clock, client, readiness } = open();
    const abort = new AbortController();
    const given = readiness.reached(abort.signal);
    abort.abort(new Error("enough"));
    await expect(given).rejects.toThrow("enough");
    expect(clock.pending).toBe(0);
    const again = readiness.reached(new AbortController().signal);
    client.isReady = true;
    await clock.advance(10);
    await again;
  });
});
