import { describe, expect, it } from "vitest";
import { memoryTable, rowsOf, tableOf, type Measured } from "./report.ts";
import { answered, refused, type Subject } from "./subjects/subject.ts";

const measured = (
  by: Subject["by"],
  name: string,
  kind: Subject["kind"],
  rounds: number[],
): Measured => ({
  subject: { by, name, kind, prepare: () => () => undefined },
  rounds,
});

describe("the breaker benchmark's report", () => {
  it("shows what a guard adds to the bare operation, and that in units of our breaker", () => {
    const rows = rowsOf([
      measured("baseline", "no guard", "call", [100]),
      measured("@dp/breaker", "breaker consecutive", "call", [150]),
      measured("opossum", "with timeout", "call", [1_100]),
      measured("opossum", "open", "refusal", [500]),
    ]);
    expect(rows.map(({ addedNs, ratio }) => [addedNs, ratio])).toEqual([
      [0, 0],
      [50, 1],
      [1_000, 20],
      [500, 10],
    ]);
    expect(tableOf(rows).split("\n").slice(2)).toEqual([
      "| baseline | no guard | 100 |  |  |",
      "| @dp/breaker | breaker consecutive | 150 | +50 | 1.00 |",
      "| opossum | with timeout | 1100 | +1000 | 20.0 |",
      "| opossum | open | 500 |  | 10.0 |",
    ]);
  });
});

describe("the table of idle breakers", () => {
  it("shows what each keeps in memory and whether any timer runs", () => {
    const row = { name: "mine", count: 100, bytes: 1_234, timers: 0 };
    expect(memoryTable([row]).split("\n").at(-1)).toBe(
      "| 100 x mine | 1234 | 0 |",
    );
  });
});

describe("a use that is measured", () => {
  it("fails on a wrong answer", async () => {
    await expect(answered(() => Promise.resolve(41))()).rejects.toThrow(
      "wrong answer: 41",
    );
    await answered(() => Promise.resolve(42))();
  });

  it("fails when a call that must be refused is not, or fails otherwise", async () => {
    const open = new Error("open");
    const isOpen = (error: unknown): boolean => error === open;
    await refused(() => Promise.reject(open), isOpen)();
    await expect(refused(() => Promise.resolve(42), isOpen)()).rejects.toThrow(
      "not refused",
    );
    await expect(
      refused(() => Promise.reject(new Error("bug")), isOpen)(),
    ).rejects.toThrow("bug");
  });
});
