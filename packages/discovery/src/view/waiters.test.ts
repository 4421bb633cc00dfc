import { getEventListeners } from "node:events";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { Waiters } from "./waiters.ts";

const open = () => {
  const clock = new ManualClock();
  const abort = new AbortController();
  const waiters = new Waiters();
  const left = (): number =>
    clock.pending + getEventListeners(abort.signal, "abort").length;
  return { clock, abort, waiters, left };
};

describe("a wait", () => {
  it("ends at the next wake, leaving neither timer nor listener", async () => {
    const { clock, abort, waiters, left } = open();
    const waits = [1, 2].map(() => waiters.wait(clock, 500, abort.signal));
    expect(left()).toBe(4);
    waiters.wake();
    await Promise.all(waits);
    expect(left()).toBe(0);
  });

  it("ends at the time, leaving neither timer nor listener", async () => {
    const { clock, abort, waiters, left } = open();
    const wait = waiters.wait(clock, 500, abort.signal);
    await clock.advance(500);
    await wait;
    expect(left()).toBe(0);
  });

  it("rejects when the signal aborts, leaving neither timer nor listener", async () => {
    const { clock, abort, waiters, left } = open();
    const wait = waiters.wait(clock, 500, abort.signal);
    abort.abort(new Error("enough"));
    await expect(wait).rejects.toThrow("enough");
    await expect(waiters.wait(clock, 500, abort.signal)).rejects.toThrow(
      "enough",
    );
    expect(left()).toBe(0);
  });

  it("needs no timer when there is no time", () => {
    const { clock, waiters } = open();
    void waiters.wait(clock, Infinity);
    expect(clock.pending).toBe(0);
  });
});
