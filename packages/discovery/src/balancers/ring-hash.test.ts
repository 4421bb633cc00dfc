import { InvalidOptionError } from "@dp/core";
import { describe, expect, it } from "vitest";
import { candidatesOf } from "../testing/balancer-case.ts";
import { xxhash32 } from "../xxhash32.ts";
import { ringHash } from "./ring-hash.ts";

describe("ringHash", () => {
  it("gives a key to the first point of any instance at or after its hash", () => {
    const ids = ["a", "b", "c"];
    const points = ids
      .flatMap((id) =>
        [0, 1, 2, 3].map((index) => ({
          id,
          place: xxhash32(`${id}_${index}`, 0),
        })),
      )
      .sort((a, b) => a.place - b.place);
    const balancer = ringHash({ points: 4 });
    balancer.update(candidatesOf(["c", "a", "b"]));
    for (let index = 0; index < 300; index++) {
      const key = `key-${index}`;
      const from = points.findIndex(({ place }) => place >= xxhash32(key, 0));
      const order = [
        ...points.slice(Math.max(from, 0)),
        ...points.slice(0, Math.max(from, 0)),
      ];
      const [first] = order;
      const second = order.find(({ id }) => id !== first!.id);
      expect(balancer.pick({ key })?.id).toBe(first!.id);
      expect(balancer.pick({ key, exclude: new Set([first!.id]) })?.id).toBe(
        second!.id,
      );
    }
  });

  it.each([0, 1.5, NaN, 65_537])("refuses %d points", (points) => {
    expect(() => ringHash({ points })).toThrow(InvalidOptionError);
  });
});
