import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pace } from "./pace.ts";

const limit = (remaining: number, resetAfterMs?: number) => ({
  name: "api",
  remaining,
  ...(resetAfterMs === undefined ? {} : { resetAfterMs }),
});

describe("a pace", () => {
  it("holds nothing back while nothing is told", () => {
    const pace = new Pace();
    for (let count = 0; count < 3; count++) {
      expect(pace.nextMs).toBeLessThanOrEqual(0);
      pace.hear(pace.send(0), { limits: [] }, 0);
    }
    pace.hear(pace.send(0), { limits: [limit(0)] }, 0);
    expect(pace.nextMs).toBeLessThanOrEqual(0);
  });

  it("spreads what is left over the time until the reset", () => {
    const pace = new Pace();
    pace.hear(pace.send(0), { limits: [limit(3, 8000)] }, 0);
    const sent: number[] = [];
    while (sent.length < 4) {
      sent.push(pace.nextMs);
      pace.send(pace.nextMs);
    }
    expect(sent).toEqual([2000, 4000, 6000, 8000]);
  });

  it("waits for the reset when nothing is left", () => {
    const pace = new Pace();
    pace.hear(pace.send(0), { limits: [limit(0, 8000)] }, 100);
    expect(pace.nextMs).toBe(8100);
  });

  it("keeps to the strictest of several limits", () => {
    const pace = new Pace();
    const limits = [limit(9, 1000), limit(1, 5000), limit(0)];
    pace.hear(pace.send(0), { limits }, 0);
    expect(pace.nextMs).toBe(2500);
  });

  it("counts the requests sent since against what is left", () => {
    const pace = new Pace();
    const [first] = [pace.send(0), pace.send(0), pace.send(0)];
    pace.hear(first, { limits: [limit(3, 6000)] }, 0);
    expect(pace.nextMs).toBe(3000);
  });

  it("believes the response to the latest request, whenever it comes", () => {
    const pace = new Pace();
    const first = pace.send(0);
    const second = pace.send(0);
    pace.hear(second, { limits: [limit(0, 9000)] }, 0);
    pace.hear(first, { limits: [limit(1, 1000)] }, 10);
    expect(pace.nextMs).toBe(9000);
  });

  it("lets Retry-After overrule the limits, and no response shorten it", () => {
    const pace = new Pace();
    const first = pace.send(0);
    const second = pace.send(0);
    pace.hear(first, { limits: [limit(0, 500)], retryAfterMs: 5000 }, 0);
    expect(pace.nextMs).toBe(5000);
    pace.hear(second, { limits: [limit(9, 1000)] }, 0);
    expect(pace.nextMs).toBe(5000);
  });

  it("asks carefully after the reset: one request, until it is answered", () => {
    const pace = new Pace();
    pace.hear(pace.send(0), { limits: [limit(0, 5000)] }, 0);
    const probe = pace.send(5000);
    expect(pace.nextMs).toBe(10_000);
    expect(pace.toldMs).toBe(5000);
    pace.hear(probe, { limits: [limit(99, 10_000)] }, 5010);
    expect(pace.nextMs).toBe(5110);
  });

  it("ends with what was told, when a later response tells nothing", () => {
    const pace = new Pace();
    pace.hear(pace.send(0), { limits: [limit(0, 5000)] }, 0);
    pace.hear(pace.send(4000), { limits: [] }, 4000);
    expect(pace.nextMs).toBe(9000);
    pace.hear(pace.send(9000), { limits: [] }, 9000);
    pace.send(9000);
    expect(pace.nextMs).toBe(9000);
  });

  it("never sends more before the reset than was left", () => {
    const told = fc.record({
      remaining: fc.integer({ min: 0, max: 50 }),
      resetMs: fc.integer({ min: 1, max: 60_000 }),
      since: fc.integer({ min: 0, max: 60 }),
      pauses: fc.array(fc.integer({ min: 0, max: 3000 }), {
        minLength: 60,
        maxLength: 60,
      }),
    });
    fc.assert(
      fc.property(told, ({ remaining, resetMs, since, pauses }) => {
        const pace = new Pace();
        const number = pace.send(0);
        for (let count = 0; count < since; count++) pace.send(0);
        pace.hear(number, { limits: [limit(remaining, resetMs)] }, 0);
        let nowMs = 0;
        let sent = since;
        for (const pause of pauses) {
          nowMs = Math.max(nowMs + pause, pace.nextMs);
          pace.send(nowMs);
          // Thirds and the like: a hair before the reset is at the reset.
          if (nowMs < resetMs * (1 - 1e-9)) sent++;
        }
        expect(sent).toBeLessThanOrEqual(Math.max(remaining, since));
      }),
      { seed: 5 },
    );
  });
});
