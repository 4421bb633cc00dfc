import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openMoneyLedger, type MoneyLedger } from "./money-ledger.ts";
import { openStockLedger, type StockLedger } from "./stock-ledger.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dp-ledger-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the stock ledger", () => {
  let ledger: StockLedger;
  const open = (): StockLedger | undefined =>
    openStockLedger(join(folder, "stock.sqlite"), { "1": 10, "2": 5 });
  beforeEach(() => {
    ledger = open()!;
  });
  afterEach(() => ledger.close());
  const left = (): number[] => ledger.lines().map((line) => line.left);

  it("takes what is reserved off the stock, once for each key", async () => {
    expect(await ledger.reserve("a", "1", 3)).toEqual({
      kind: "done",
      isRepeat: false,
    });
    expect(await ledger.reserve("a", "1", 3)).toEqual({
      kind: "done",
      isRepeat: true,
    });
    expect(left()).toEqual([7, 5]);
    expect(ledger.counts()).toEqual({
      done: 1,
      undone: 0,
      void: 0,
      repeats: 1,
    });
  });

  it("refuses another reservation under the same key", async () => {
    await ledger.reserve("a", "1", 3);
    expect(await ledger.reserve("a", "1", 4)).toEqual({ kind: "other" });
    expect(left()).toEqual([7, 5]);
  });

  it("gives the last piece and no more, and keeps nothing of a refusal", async () => {
    expect(await ledger.reserve("a", "2", 5)).toMatchObject({ kind: "done" });
    expect(await ledger.reserve("b", "2", 1)).toEqual({
      kind: "refused",
      why: "fewer than 1 of item 2 are left",
    });
    expect(await ledger.reserve("c", "9", 1)).toMatchObject({
      kind: "refused",
    });
    await ledger.release("a");
    expect(await ledger.reserve("b", "2", 1)).toMatchObject({ kind: "done" });
    expect(left()).toEqual([10, 4]);
  });

  it("puts back once what was reserved", async () => {
    await ledger.reserve("a", "1", 3);
    await ledger.release("a");
    await ledger.release("a");
    expect(left()).toEqual([10, 5]);
    expect(ledger.counts()).toEqual({
      done: 0,
      undone: 1,
      void: 0,
      repeats: 1,
    });
  });

  it("refuses what arrives after it was undone", async () => {
    await ledger.release("late");
    expect(await ledger.reserve("late", "1", 3)).toEqual({ kind: "void" });
    await ledger.reserve("a", "1", 3);
    await ledger.release("a");
    expect(await ledger.reserve("a", "1", 3)).toEqual({ kind: "void" });
    expect(left()).toEqual([10, 5]);
    expect(ledger.counts()).toMatchObject({ done: 0, undone: 1, void: 1 });
  });

  it("is one process's at a time", () => {
    expect(open()).toBeUndefined();
  });

  it("does all of one turn at once, in order", async () => {
    const deeds = await Promise.all([
      ledger.reserve("a", "2", 4),
      ledger.reserve("b", "2", 4),
      ledger.release("a"),
      ledger.reserve("c", "2", 5),
    ]);
    expect(deeds.map((deed) => deed?.kind)).toEqual([
      "done",
      "refused",
      undefined,
      "done",
    ]);
    expect(left()).toEqual([10, 0]);
  });

  it("does what was asked for before it closes", async () => {
    const reserving = ledger.reserve("a", "1", 3);
    ledger.close();
    expect(await reserving).toMatchObject({ kind: "done" });
    ledger = open()!;
    expect(left()).toEqual([7, 5]);
  });

  it("remembers", async () => {
    await ledger.reserve("a", "1", 3);
    await ledger.release("late");
    ledger.close();
    ledger = open()!;
    expect(left()).toEqual([7, 5]);
    expect(await ledger.reserve("a", "1", 3)).toMatchObject({ isRepeat: true });
    expect(await ledger.reserve("late", "1", 3)).toEqual({ kind: "void" });
    expect(ledger.lines()[0]).toEqual({ item: "1", initial: 10, left: 7 });
  });
});

describe("the money ledger", () => {
  let ledger: MoneyLedger;
  beforeEach(() => {
    ledger = openMoneyLedger(join(folder, "money.sqlite"))!;
  });
  afterEach(() => ledger.close());

  it("starts empty", () => {
    expect(ledger.sums()).toEqual({
      chargedCents: 0,
      refundedCents: 0,
      duplicates: 0,
    });
  });

  it("charges and refunds once for each key", async () => {
    for (const key of ["a", "a", "b"]) await ledger.charge(key, "4242", 500);
    for (const key of ["b", "b", "never"]) await ledger.refund(key);
    expect(ledger.sums()).toEqual({
      chargedCents: 1_000,
      refundedCents: 500,
      duplicates: 0,
    });
    expect(await ledger.charge("b", "4242", 500)).toEqual({ kind: "void" });
    expect(await ledger.charge("never", "4242", 500)).toEqual({ kind: "void" });
    expect(ledger.sums()).toMatchObject({ chargedCents: 1_000 });
  });

  it("books nothing on a card that is refused", async () => {
    expect(await ledger.charge("a", "42420000", 500)).toEqual({
      kind: "refused",
      why: "the bank refuses card …0000",
    });
    expect(ledger.sums()).toMatchObject({ chargedCents: 0 });
    expect(ledger.counts()).toMatchObject({ done: 0, repeats: 0 });
  });
});
