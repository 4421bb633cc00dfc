import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LeastRecentlyUsed } from "./least-recently-used.ts";

describe("the least recently used", () => {
  it("are displaced as from a list in order of use, the expendable among the oldest first", () => {
    const step = fc.record({
      key: fc.nat(40).map(String),
      action: fc.constantFrom("use", "use", "delete"),
      expendable: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 }),
        fc.array(step, { maxLength: 120 }),
        (max, steps) => {
          const map = new LeastRecentlyUsed<{ expendable: boolean }>(
            max,
            ({ expendable }) => expendable,
          );
          let list: [string, { expendable: boolean }][] = [];
          for (const { key, action, expendable } of steps) {
            const found = list.find(([each]) => each === key);
            const rest = list.filter((entry) => entry !== found);
            if (action === "delete") {
              expect(map.delete(key)).toBe(found?.[1]);
              list = rest;
            } else if (found !== undefined) {
              expect(map.use(key)).toBe(found[1]);
              list = [...rest, found];
            } else {
              expect(map.use(key)).toBeUndefined();
              const oldest =
                list.slice(0, 16).find(([, value]) => value.expendable) ??
                list[0];
              const displaced = list.length >= max ? oldest : undefined;
              const value = { expendable };
              expect(map.add(key, value)).toBe(displaced?.[1]);
              list = [
                ...list.filter((entry) => entry !== displaced),
                [key, value],
              ];
            }
            expect([...map.entries()]).toEqual(list);
            expect(map.size).toBe(list.length);
          }
        },
      ),
    );
  });
});
