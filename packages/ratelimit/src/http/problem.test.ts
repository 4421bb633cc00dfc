import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import { createLimiter } from "../create-limiter.ts";
import { memoryStore } from "../stores/memory.ts";
import { problemDetails } from "./problem.ts";

const limiterOf = (limit: number, per: number) =>
  createLimiter({
    policies: { api: tokenBucket({ limit, per }) },
    clock: new ManualClock(),
  });

describe("problemDetails", () => {
  it("is a quota problem that names the limits", () => {
    const limiter = limiterOf(1, 60_000);
    limiter.takeSync("ann");
    expect(problemDetails(limiter.takeSync("ann"))).toEqual({
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      title: "Too many requests",
      status: 429,
      detail: "The limit 'api' allows this request again in 60 s.",
      "violated-policies": ["api"],
    });
  });

  it("says when no waiting helps", () => {
    expect(problemDetails(limiterOf(1, 1000).takeSync("ann", 2))?.detail).toBe(
      "The request costs more than the limit 'api' ever allows at once.",
    );
  });

  it("is a capacity problem when the store is full", () => {
    const limiter = createLimiter({
      policies: { api: tokenBucket({ limit: 1, per: "1s" }) },
      store: memoryStore({ maxKeys: 1, overflow: "deny" }),
      clock: new ManualClock(),
    });
    limiter.takeSync("ann");
    const problem = problemDetails(limiter.takeSync("bob"));
    expect(problem?.status).toBe(503);
    expect(problem?.type).toContain("#temporary-reduced-capacity");
  });

  it("names all limits that refused, or only those that no waiting helps with", () => {
    const limiter = createLimiter({
      policies: {
        second: tokenBucket({ limit: 5, per: "1s" }),
        minute: tokenBucket({ limit: 8, per: "1m" }),
      },
      clock: new ManualClock(),
    });
    limiter.takeSync("ann", 5);
    expect(problemDetails(limiter.takeSync("ann", 5))?.detail).toBe(
      "The limits 'second', 'minute' allow this request again in 15 s.",
    );
    expect(problemDetails(limiter.takeSync("ann", 6))?.detail).toBe(
      "The request costs more than the limit 'second' ever allows at once.",
    );
  });

  it.each([
    ["blocked", 1500, "Requests are blocked for another 2 s."],
    ["blocked", null, "Requests are blocked until further notice."],
    [
      "queue",
      1500,
      "The request's turn would not have come in the time it could wait. Try again in 2 s.",
    ],
    [
      "queue",
      null,
      "The request's turn would not have come in the time it could wait. Try again later.",
    ],
    [
      "store",
      1500,
      "The requests of this client cannot be counted at present. Try again in 2 s.",
    ],
    [
      "store",
      null,
      "The requests of this client cannot be counted at present. Try again later.",
    ],
    [
      "store",
      0,
      "The requests of this client cannot be counted at present. Try again later.",
    ],
  ] as const)(
    "of reason %s and %s ms to wait says: %s",
    (reason, ms, detail) => {
      const problem = problemDetails({
        allowed: false,
        reason,
        violated: [],
        retryAfterMs: ms,
        limits: {},
        remaining: 0,
        resetAfterMs: 0,
      });
      expect(problem.detail).toBe(detail);
    },
  );

  it("is nothing for a decision that allowed", () => {
    expect(problemDetails(limiterOf(1, 1000).takeSync("ann"))).toBeUndefined();
  });
});
