import { describe, expect, it } from "vitest";
import type { VersionedLimit } from "../options.ts";
import { tokenBucket } from "./token-bucket.ts";

const policyFor = (limitFor: (subject: string) => VersionedLimit | undefined) =>
  tokenBucket({ limit: 10, per: "1s", limitFor });

describe("a token bucket with limits of subjects' own", () => {
  it("has none unless it is asked for", () => {
    expect("of" in tokenBucket({ limit: 10, per: "1s" })).toBe(false);
  });

  it("gives a subject the limit that limitFor answers, and the others its own", () => {
    const policy = policyFor((subject) =>
      subject === "gold" ? { limit: 100, per: "1s", burst: 50 } : undefined,
    );
    expect(policy.of?.("gold")).toMatchObject({
      kind: "token-bucket",
      width: policy.width,
      limit: 100,
      burst: 50,
      periodMs: 1000,
      paceMs: 10,
    });
    expect(policy.of?.("ann")).toBe(policy);
  });

  it("gives equal numbers one policy, however they are written, and one that has no variants itself", () => {
    const answers: VersionedLimit[] = [
      { limit: 60, per: "1m" },
      { limit: 60, per: 60_000, burst: 60, version: undefined },
    ];
    const policy = policyFor((subject) => answers[Number(subject)]);
    expect(policy.of?.("0")).toBe(policy.of?.("1"));
    expect("of" in (policy.of?.("0") ?? policy)).toBe(false);
  });

  it("never lets states of other numbers or versions be shared", () => {
    const answers: VersionedLimit[] = [
      { limit: 5, per: "1s" },
      { limit: 6, per: "1s" },
      { limit: 5, per: "2s" },
      { limit: 5, per: "1s", burst: 6 },
      { limit: 5, per: "1s", version: 1 },
      { limit: 5, per: "1s", version: 2 },
      { limit: 5, per: "1s", version: "1" },
      { limit: 5, per: "1s", version: "1 version 2" },
    ];
    const policy = policyFor((subject) => answers[Number(subject)]);
    const identities = answers.map(
      (_, index) => policy.of?.(String(index)).identity,
    );
    expect(new Set(identities).size).toBe(answers.length);
    expect(tokenBucket({ limit: 5, per: "1s" }).identity).toBe(identities[0]);
  });

  it("keeps the thousand variants used last", () => {
    const policy = policyFor((subject) => ({
      limit: Number(subject),
      per: "1s",
    }));
    const of = (limit: number) => policy.of?.(String(limit));
    const first = of(1);
    const second = of(2);
    for (let limit = 3; limit <= 1000; limit++) of(limit);
    expect(of(1)).toBe(first);
    of(1001);
    expect(of(1)).toBe(first);
    expect(of(2)).not.toBe(second);
    expect(of(2)).toEqual(second);
  });

  it.each([
    ["limit", { limit: 0, per: "1s" }],
    ["per", { limit: 1, per: 0 }],
    ["burst", { limit: 1, per: "30d", burst: 3_475_000 }],
    ["version", { limit: 1, per: "1s", version: {} as string }],
    ["limit", null],
    ["limit", Promise.resolve({ limit: 1, per: "1s" })],
  ])("refuses a bad %s, and names the subject", (option, answer) => {
    const policy = policyFor(() => answer as VersionedLimit);
    expect(() => policy.of?.('a "b"')).toThrow(
      expect.objectContaining({
        code: "DP_INVALID_OPTION",
        option: `limitFor("a \\"b\\"").${option}`,
      }),
    );
  });

  it("cuts a long subject in the message to 100 characters", () => {
    const policy = policyFor(() => ({ limit: 0, per: "1s" }));
    expect(() => policy.of?.("x".repeat(10_000))).toThrow(
      expect.objectContaining({
        option: `limitFor("${"x".repeat(100)}…").limit`,
      }),
    );
  });

  it("passes on what limitFor throws", () => {
    const policy = policyFor(() => {
      throw new RangeError("no plan");
    });
    expect(() => policy.of?.("ann")).toThrow("no plan");
  });
});
