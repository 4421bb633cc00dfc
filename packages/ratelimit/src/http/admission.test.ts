import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import { createLimiter } from "../create-limiter.ts";
import { admissionBy, type RateLimitOptions } from "./admission.ts";

interface Visit {
  readonly who: string;
  readonly size: number;
}

const limiterOf = (limit = 2) =>
  createLimiter({
    policies: { api: tokenBucket({ limit, per: "1m" }) },
    clock: new ManualClock(),
  });

const admitting = (
  options: RateLimitOptions<"api", readonly [Visit]>,
  limit?: number,
) => admissionBy(limiterOf(limit), options, ({ who }) => who);

describe("an admission", () => {
  it("has the fields of an allowed decision", () => {
    expect(admitting({})({ who: "ann", size: 1 })).toEqual({
      fields: [
        ["RateLimit-Policy", '"api";q=2;w=60'],
        ["RateLimit", '"api";r=1;t=30'],
      ],
    });
  });

  it("has a problem document that nobody may keep for a refused one", () => {
    const admissionFor = admitting({ cost: 2 });
    void admissionFor({ who: "ann", size: 1 });
    expect(admissionFor({ who: "ann", size: 1 })).toEqual({
      fields: [
        ["RateLimit-Policy", '"api";q=2;w=60'],
        ["RateLimit", '"api";r=0;t=60'],
        ["Retry-After", "60"],
        ["Content-Type", "application/problem+json"],
        ["Cache-Control", "no-store"],
      ],
      refusal: {
        status: 429,
        body: JSON.stringify({
          type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
          title: "Too many requests",
          status: 429,
          detail: "The limit 'api' allows this request again in 60 s.",
          "violated-policies": ["api"],
        }),
      },
    });
  });

  it("charges what the functions say, to whom they say", () => {
    const admissionFor = admitting(
      { key: ({ who }) => ({ api: who.toUpperCase() }), cost: (v) => v.size },
      10,
    );
    const remaining = (who: string, size: number): unknown =>
      JSON.stringify(admissionFor({ who, size })).match(/r=\d+/)?.[0];
    expect(remaining("ann", 3)).toBe("r=7");
    expect(remaining("ANN", 7)).toBe("r=0");
    expect(remaining("bob", 1)).toBe("r=9");
  });

  it("speaks the draft asked for", () => {
    const admission = admitting({ draft: 10 }, 60)({ who: "ann", size: 1 });
    expect(admission).toMatchObject({
      fields: [expect.anything(), ["RateLimit", '"api";r=59;t=1']],
    });
  });

  it("is none for a skipped request, which is not charged", () => {
    const admissionFor = admitting({ skip: ({ size }) => size === 0 });
    for (let count = 0; count < 5; count++)
      expect(admissionFor({ who: "ann", size: 0 })).toBeUndefined();
    expect(admissionFor({ who: "ann", size: 1 })).toMatchObject({
      fields: [expect.anything(), ["RateLimit", '"api";r=1;t=30']],
    });
  });

  it("comes later from a limiter that has no way to answer at once", async () => {
    const limiter = limiterOf();
    const remote = { take: (keys: string) => limiter.take(keys) };
    const promised = admissionBy(remote, {}, () => "ann")();
    expect(typeof promised === "object" && "then" in promised).toBe(true);
    expect(await promised).toEqual(
      await admissionBy(limiterOf(), {}, () => "ann")(),
    );
  });

  it.each([
    ["limiter", undefined, {}],
    ["limiter", { allow: () => true }, {}],
    ["key", limiterOf(), { key: "ann" }],
    ["skip", limiterOf(), { skip: true }],
    ["cost", limiterOf(), { cost: -1 }],
    ["cost", limiterOf(), { cost: 0.5 }],
    ["draft", limiterOf(), { draft: 9 }],
  ])("is refused a bad %s from the start", (option, limiter, options) => {
    expect(() =>
      admissionBy(limiter as never, options as never, () => "ann"),
    ).toThrow(expect.objectContaining({ code: "DP_INVALID_OPTION", option }));
  });
});
