import { describe, expect, it } from "vitest";
import { boundsTable } from "../bounds.ts";
import { memoryBounds, redisBounds } from "./bounds.ts";
import { memoryColumns, redisColumns } from "./columns.ts";
import { contestants } from "./memory/contestants.ts";
import { redisContestants } from "./redis/contestants.ts";

describe("a bound of the ratelimit benchmark", () => {
  it("is about rows and figures that are measured", () => {
    for (const [bounds, all, columns] of [
      [memoryBounds, contestants, memoryColumns],
      [redisBounds, redisContestants, redisColumns],
    ] as const) {
      const series = Object.fromEntries(
        columns.map(({ figure }) => [figure, [100]]),
      );
      const table = boundsTable(
        bounds,
        all.map(({ name }) => ({ name, about: "", series })),
      );
      expect(table.split("\n")).toHaveLength(2 + bounds.length);
    }
  });
});
