import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Block, blocks } from "./blocks.ts";

const task = (id: string) => ({
  id,
  name: id.split("#")[1] ?? "",
  package: id.split("#")[0] ?? "",
  directory: "",
});
const tasks = ["@dp/core#test", "@dp/core#test:alone", "@dp/core#lint"].map(
  task,
);

let seen: Record<string, Block>;
const read = () => blocks(tasks, (id, block) => void (seen[id] = block));

beforeEach(() => {
  vi.useFakeTimers();
  seen = {};
});
afterEach(() => void vi.useRealTimers());

describe("blocks", () => {
  it("gives each task its lines, without turbo's own", () => {
    const reader = read();
    reader.output("@dp/core:test: cache miss, executing 1\n@dp/core:te");
    reader.output("st: one\n@dp/core:test: two\n");
    reader.end();
    expect(seen["@dp/core#test"]).toEqual({
      lines: ["one", "two"],
      cached: false,
      failed: false,
    });
  });

  it("tells a task from another whose name begins alike", () => {
    const reader = read();
    reader.output("@dp/core:test:alone: x\n@dp/core:test: y\n");
    reader.end();
    expect(seen["@dp/core#test:alone"]?.lines).toEqual(["x"]);
    expect(seen["@dp/core#test"]?.lines).toEqual(["y"]);
  });

  it("knows a cached task", () => {
    const reader = read();
    reader.output("@dp/core:lint: cache hit, replaying logs 1\n");
    reader.end();
    expect(seen["@dp/core#lint"]?.cached).toBe(true);
  });

  it("announces a task soon after its block, not at the next one", () => {
    const reader = read();
    reader.output("@dp/core:lint: fine\n");
    vi.advanceTimersByTime(150);
    expect(Object.keys(seen)).toEqual(["@dp/core#lint"]);
  });

  it("knows a failure whose notice comes after the block", () => {
    const reader = read();
    reader.output("@dp/core:test:alone: bad\n");
    reader.errors(
      "@dp/core#test:alone:  WARNING  command finished with error, but continuing...\n",
    );
    vi.advanceTimersByTime(150);
    expect(seen["@dp/core#test:alone"]?.failed).toBe(true);
  });

  it("hands over the summary's file and what belonged to no task", () => {
    const reader = read();
    reader.output("Summary:    /x/.turbo/runs/1.json\n");
    reader.errors("something else\n");
    expect(reader.end()).toEqual({
      summaryFile: "/x/.turbo/runs/1.json",
      other: ["Summary:    /x/.turbo/runs/1.json", "something else"],
    });
  });
});
