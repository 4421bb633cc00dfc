import { InvalidOptionError } from "@dp/core";
import { describe, expect, it } from "vitest";
import { copyMetadata, freezeMetadata } from "./instance-metadata.ts";

/** So many lists in each other, around the value. */
const listsAround = (levels: number, value: unknown = 1): unknown => {
  let nested = value;
  for (let level = 0; level < levels; level++) nested = [nested];
  return nested;
};

describe.each([
  ["copied", copyMetadata],
  ["frozen", freezeMetadata],
])("metadata that is %s", (_name, take) => {
  const refusal = /^DP_INVALID_OPTION: metadata must be of at most 100 levels,/;

  it("has 100 levels and no more", () => {
    expect(() => take(listsAround(100))).not.toThrow();
    expect(() => take(listsAround(101))).toThrow(refusal);
    expect(() => take({ a: {}, b: listsAround(100) })).toThrow(refusal);
    expect(() => take(listsAround(50_000))).toThrow(InvalidOptionError);
  });

  it("has no more in parts that it holds twice", () => {
    const shared = (levels: number) => {
      const part = listsAround(levels);
      return [part, listsAround(50, part)];
    };
    expect(() => take(shared(49))).not.toThrow();
    expect(() => take(shared(50))).toThrow(refusal);
    let grown: unknown = [];
    for (let level = 1; level < 100; level++) grown = [grown, grown];
    expect(() => take(grown)).not.toThrow();
    expect(() => take([grown, grown])).toThrow(refusal);
  });

  it("is counted to its end when it holds itself", () => {
    const cycle: Record<string, unknown> = { list: [] };
    cycle["self"] = cycle;
    const taken = take({ cycle, deep: listsAround(99) });
    expect(taken.cycle["self"]).toBe(taken.cycle);
    expect(() => take({ cycle, deep: listsAround(100) })).toThrow(refusal);
  });

  it("is frozen all the way down, parts it holds twice included", () => {
    const part = { list: [{}] };
    const { once, again } = take({ once: part, again: { part } });
    expect(again.part).toBe(once);
    for (const each of [once, once.list, once.list[0], again])
      expect(Object.isFrozen(each)).toBe(true);
  });
});

describe("metadata that is frozen", () => {
  it("is counted and frozen below what was frozen before", () => {
    const list = [1];
    freezeMetadata(Object.freeze({ list }));
    expect(Object.isFrozen(list)).toBe(true);
    const deep = Object.freeze([listsAround(100)]);
    expect(() => freezeMetadata(deep)).toThrow("at most 100 levels");
  });
});

describe("metadata that cannot be copied", () => {
  it("is refused for that, and not for its levels", () => {
    expect(() => copyMetadata({ call: () => 1 })).toThrow(
      /metadata must be something structuredClone can copy, got an object$/,
    );
  });
});
