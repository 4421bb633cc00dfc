import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { createLineBatch } from "./line-batch.ts";

const setup = () => {
  const clock = new ManualClock();
  const writes: string[] = [];
  const batch = createLineBatch(clock, (lines) => writes.push(lines));
  return { clock, writes, batch };
};

describe("a batch of lines", () => {
  it("writes what came within a tenth of a second at once", async () => {
    const { clock, writes, batch } = setup();
    batch.add("a");
    await clock.advance(60);
    batch.add("b");
    expect(writes).toEqual([]);
    await clock.advance(40);
    expect(writes).toEqual(["a\nb\n"]);
    batch.add("c");
    await clock.advance(100);
    expect(writes).toEqual(["a\nb\n", "c\n"]);
    expect(clock.pending).toBe(0);
  });

  it("does not wait when there is much", async () => {
    const { clock, writes, batch } = setup();
    batch.add("a");
    batch.add("x".repeat(32 * 1024));
    expect(writes).toHaveLength(1);
    expect(clock.pending).toBe(0);
    await clock.advance(1_000);
    expect(writes).toHaveLength(1);
  });

  it("writes what it holds on demand, and nothing when it holds nothing", async () => {
    const { clock, writes, batch } = setup();
    batch.flush();
    expect(writes).toEqual([]);
    batch.add("a");
    batch.flush();
    expect(writes).toEqual(["a\n"]);
    await clock.advance(1_000);
    expect(writes).toHaveLength(1);
  });
});
