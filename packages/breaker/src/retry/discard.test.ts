import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { constant, pipeline, retry, timeout } from "../index.ts";

const make = () => {
  const clock = new ManualClock();
  const freed: unknown[] = [];
  const discard = (value: unknown): void =>
    void freed.push([value, clock.now()]);
  const guarded = pipeline(
    {
      clock,
      classify: ({ ok }) => (ok ? "failure" : "success"),
    },
    timeout("1m"),
    retry({ backoff: constant(100) }),
  );
  return { clock, freed, discard, guarded };
};

describe("a retry of results that hold something", () => {
  it("hands those it gives up to whoever frees them, before the pause, and never the one it gives back", async () => {
    const { clock, freed, discard, guarded } = make();
    let calls = 0;
    const running = guarded.run(() => ++calls, { discard });
    await clock.advance(1_000);
    await expect(running).resolves.toBe(3);
    expect(freed).toEqual([
      [1, 0],
      [2, 100],
    ]);
  });

  it("frees no errors", async () => {
    const { freed, discard, guarded } = make();
    const fail = (): never => {
      throw new Error("down");
    };
    await expect(guarded.run(fail, { discard })).rejects.toThrow("down");
    expect(freed).toEqual([]);
  });
});
