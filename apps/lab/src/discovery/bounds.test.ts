import { describe, expect, it } from "vitest";
import { boundsTable } from "../bounds.ts";
import { pickBounds } from "./bounds.ts";
import { peerColumns, pickColumns } from "./columns.ts";
import { balancers } from "./picks/balancers.ts";
import { contestants } from "./picks/contestants.ts";

describe("a bound of the discovery benchmark", () => {
  it("is about rows and figures that are measured", () => {
    const rows = contestants.map(({ name }) => {
      const own = balancers.some((each) => each.name === name);
      const series = Object.fromEntries(
        (own ? pickColumns : peerColumns).map(({ figure }) => [figure, [100]]),
      );
      return { name, about: "", series };
    });
    const table = boundsTable(pickBounds, rows);
    expect(table.split("\n")).toHaveLength(2 + pickBounds.length);
    // Equal figures: a ratio of one.
    expect(table).not.toContain("NaN");
  });
});
