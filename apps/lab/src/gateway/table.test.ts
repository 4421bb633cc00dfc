import { describe, expect, it } from "vitest";
import type { Row } from "./results.ts";
import { alignColumns, renderTable } from "./table.ts";

const row = (
  name: string,
  costs: readonly number[],
  accessLog = false,
): Row => ({
  name,
  title: `what ${name} is`,
  accessLog,
  outcome: {
    state: "measured",
    turns: costs.map((cpuUsPerRequest) => ({
      requests: 40_000,
      cpuUsPerRequest,
      rps: 10_000.4,
      p50Ms: 1.234,
      p99Ms: 5.678,
      busy: 0.987,
      others: 0.004,
    })),
  },
});

describe("alignColumns", () => {
  it("sets figures to the right and words to the left", () => {
    expect(
      alignColumns([
        ["name", "figure", "note"],
        ["a", "1", "x"],
      ]),
    ).toEqual(["name  figure  note", "a          1  x"]);
  });
});

describe("renderTable", () => {
  it("shows ratios first, then medians and their spread", () => {
    const table = renderTable([
      row("floor", [20, 22, 18]),
      row("nginx", [10, 11, 9]),
      row("dp", [30, 33, 27]),
    ]);
    expect(
      table.split("\n").map((line) => line.replaceAll(/ +/g, " ")),
    ).toEqual([
      "Access log off",
      "proxy x floor x nginx CPU us/request min-max rps p50 ms p99 ms core busy others what it is",
      "floor 1.00 2.00 20.0 18.0-22.0 10000 1.23 5.68 99 % 0 % what floor is",
      "nginx 0.50 1.00 10.0 9.0-11.0 10000 1.23 5.68 99 % 0 % what nginx is",
      "dp 1.50 3.00 30.0 27.0-33.0 10000 1.23 5.68 99 % 0 % what dp is",
      "",
      "dp takes at most 1.9 times the CPU of floor: 1.50 (1.50 to 1.50 in single rounds), holds",
      "fast-proxy takes at least 2.5 times the CPU of dp: not decided, this run has not measured both",
      "",
    ]);
  });

  it("says which rows are missing or wrong, and gives them no figures", () => {
    const table = renderTable([
      row("floor", [20]),
      {
        ...row("nginx", []),
        outcome: { state: "missing", reason: "it is not installed" },
      },
      {
        ...row("dp-log", [], true),
        outcome: { state: "invalid", reason: "wrong answer" },
      },
    ]);
    expect(table).toContain("nginx  NOT MEASURED: it is not installed");
    expect(table).toContain("dp-log  INVALID: wrong answer");
    expect(table).toContain("\nAccess log on");
  });

  it("says when other work disturbed the run", () => {
    const calm = row("floor", [10, 10]);
    expect(renderTable([calm])).not.toContain("rough");
    const [turn] = calm.outcome.state === "measured" ? calm.outcome.turns : [];
    const rows = [
      calm,
      {
        ...calm,
        outcome: {
          state: "measured" as const,
          turns: [{ ...turn!, others: 0.3 }, turn!],
        },
      },
    ];
    expect(renderTable(rows)).toContain("in 1 of 4 turns");
  });

  it("says that a promise is broken", () => {
    expect(renderTable([row("floor", [10]), row("dp", [30])])).toContain(
      "3.00 (3.00 to 3.00 in single rounds), DOES NOT HOLD",
    );
  });
});
