import { describe, expect, it } from "vitest";
import type { ResolvedRetry } from "../config/resolved.ts";
import { mayRetry, retryAfterMs } from "./retry.ts";

const retry: ResolvedRetry = {
  attempts: 2,
  onConnect: true,
  onReset: true,
  onTimeout: false,
  onStatus: [503],
  budget: 0.2,
  backoffMs: 25,
};

describe("mayRetry", () => {
  it("allows idempotent methods after anything the route names", () => {
    for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
      for (const ending of ["connect", "reset", "protocol", 503] as const)
        expect(mayRetry(retry, method, 1, true, ending)).toBe(true);
  });

  it("allows other methods only when nothing was sent", () => {
    for (const method of ["POST", "PATCH", "get", "PURGE"]) {
      expect(mayRetry(retry, method, 1, true, "connect")).toBe(true);
      for (const ending of ["reset", "protocol", 503] as const)
        expect(mayRetry(retry, method, 1, true, ending)).toBe(false);
    }
  });

  it("allows nothing the route does not name", () => {
    for (const ending of ["timeout", 502, 500] as const)
      expect(mayRetry(retry, "GET", 1, true, ending)).toBe(false);
  });

  it("allows nothing without the body or a call left", () => {
    expect(mayRetry(retry, "GET", 1, false, "connect")).toBe(false);
    expect(mayRetry(retry, "GET", 2, true, "connect")).toBe(false);
  });
});

describe("retryAfterMs", () => {
  it("reads seconds and dates, and takes nonsense for none", () => {
    const now = Date.parse("Sun, 06 Nov 1994 08:49:37 GMT");
    expect(retryAfterMs("120", now)).toBe(120_000);
    expect(retryAfterMs("Sun, 06 Nov 1994 08:49:40 GMT", now)).toBe(3_000);
    expect(retryAfterMs("Sun, 06 Nov 1994 08:49:30 GMT", now)).toBe(0);
    for (const nonsense of ["", "-1", "1.5", "soon", "9".repeat(30)])
      expect(retryAfterMs(nonsense, now)).toBe(0);
  });
});
