import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallOrder, heldCalls } from "./call-order.ts";
import type { NumberedCall } from "./logged-call.ts";

const call = (line: number, atMs: number): NumberedCall => ({
  line,
  atMs,
  durationMs: 0,
  outcome: "success",
});

/** The lines of the calls in the order in which they come out. */
const sorted = (times: readonly number[]): number[] => {
  const order = new CallOrder();
  const out: number[] = [];
  for (const [index, atMs] of times.entries()) {
    const next = order.add(call(index + 1, atMs));
    if (next !== undefined) out.push(next.line);
  }
  for (let next = order.next(); next !== undefined; next = order.next())
    out.push(next.line);
  return out;
};

describe("the order of calls", () => {
  it("is that of their beginnings, and of their lines for those of one moment", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (times) => {
        const lines = times.map((_, index) => index + 1);
        expect(sorted(times)).toEqual(
          lines.sort((a, b) => times[a - 1]! - times[b - 1]! || a - b),
        );
      }),
    );
  });

  it("finds the place of a call that stands 10 000 lines too late, and refuses one that is later", () => {
    const first = Array.from({ length: heldCalls }, (_, index) => index + 10);
    expect(sorted([...first, 5]).slice(0, 2)).toEqual([10_001, 1]);
    expect(() => sorted([...first, 99_999, 5])).toThrow(
      "DP_BREAKER_REPLAY_LOG: line 10002: atMs must be at least 10, which line 1 has, because a call may stand at most 10000 lines too late, got 5: sort the log by atMs",
    );
    expect(sorted([...first, 99_999, 10]).slice(0, 2)).toEqual([1, 10_002]);
  });
});
