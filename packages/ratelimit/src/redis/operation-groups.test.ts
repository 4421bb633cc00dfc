import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import { groupsOf } from "./operation-groups.ts";
import { operationCodes, type Operation } from "./operation.ts";

/** Two limiters may have policies of equal numbers, which are other objects. */
const policyOf = (place: number) =>
  tokenBucket({ limit: place + 1, per: "1s" });

/** Operations of limiters on one policy each, or on two of them, in any order. */
const operation = fc.record({
  code: fc.constantFrom(
    operationCodes.take,
    operationCodes.take,
    operationCodes.take,
    operationCodes.peek,
    operationCodes.adjust,
  ),
  places: fc.constantFrom([0], [0], [1], [1], [2], [0, 1]),
  hasClock: fc.boolean(),
  hasOwnLimit: fc.constantFrom(false, false, false, true),
  tag: fc.constantFrom("ann", "bob"),
});
const members = fc.array(operation, { maxLength: 60 }).map((all) =>
  all.map(({ code, places, hasClock, hasOwnLimit, tag }, index) => {
    const parts = places.map((place) => {
      const key = `${tag}:${place}`;
      const blockKey = hasOwnLimit ? `${key}:blocks` : key;
      const policy = policyOf(place);
      const states = `states ${place}`;
      return { policy, states, key, blockKey, flag: true, now: 0 };
    });
    const nowUs = hasClock ? 1 : undefined;
    const operation: Operation = { code, amount: 1, nowUs, parts, tag };
    return { index, operation };
  }),
);

describe("groupsOf", () => {
  it("has each operation in one call, and all that touch a key in the order of asking", () => {
    fc.assert(
      fc.property(members, fc.boolean(), (all, byTag) => {
        const groups = [...groupsOf(all, byTag)];
        const sent = groups.flatMap((group) => group.members);
        expect(sent.map(({ index }) => index).sort((a, b) => a - b)).toEqual(
          all.map(({ index }) => index),
        );
        const last = new Map<string, number>();
        for (const { index, operation } of sent)
          for (const { key } of operation.parts) {
            expect(index).toBeGreaterThan(last.get(key) ?? -1);
            last.set(key, index);
          }
      }),
    );
  });

  it("has calls of one policy's takes, by the script's own time and with blocks where the states are", () => {
    fc.assert(
      fc.property(members, fc.boolean(), (all, byTag) => {
        for (const group of groupsOf(all, byTag)) {
          const tags = group.members.map(({ operation }) => operation.tag);
          if (byTag) expect(new Set(tags).size).toBe(1);
          if (!group.areTakes) continue;
          const [first] = group.members;
          for (const { operation } of group.members) {
            const [part, ...others] = operation.parts;
            expect(others).toEqual([]);
            expect(part!.states).toBe(first!.operation.parts[0]!.states);
            expect(part!.blockKey).toBe(part!.key);
            expect(operation.code).toBe(operationCodes.take);
            expect(operation.nowUs).toBeUndefined();
          }
        }
      }),
    );
  });

  it("has calls of at most 16 takes, and of at most 200 other operations", () => {
    const make = (code: Operation["code"], place: number, index: number) => {
      const key = `key ${index}`;
      const policy = policyOf(place);
      const states = `states ${place}`;
      const part = { policy, states, key, blockKey: key, flag: true, now: 0 };
      const rest = { amount: 1, nowUs: undefined, tag: "" };
      return { operation: { code, ...rest, parts: [part] } };
    };
    const all = Array.from({ length: 350 }, (_, index) =>
      index < 50
        ? make(operationCodes.take, index % 2, index)
        : make(operationCodes.peek, 2, index),
    );
    const sizes = [...groupsOf(all, false)].map(
      ({ members, areTakes }) => `${members.length} ${areTakes}`,
    );
    expect(sizes).toEqual([
      ...["16 true", "9 true", "16 true", "9 true"],
      ...["200 false", "100 false"],
    ]);
  });
});
