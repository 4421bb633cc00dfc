import { Deeds, deedsSchema, type Deed, type DeedCounts } from "./deeds.ts";
import { openLedgerFile, type LedgerFile } from "./ledger-file.ts";

/** How an item stands. */
export interface StockLine {
  readonly item: string;
  readonly initial: number;
  readonly left: number;
}

/** The catalog's stock and who has reserved how much of it. One process has it at a time. */
export interface StockLedger {
  /** Takes so many pieces off the stock, once for each key. */
  reserve(key: string, item: string, count: number): Promise<Deed>;
  /** Puts back what was reserved under the key. */
  release(key: string): Promise<void>;
  lines(): readonly StockLine[];
  counts(): DeedCounts;
  close(): void;
}

const schema = `
  CREATE TABLE IF NOT EXISTS stock (
    item TEXT PRIMARY KEY,
    initial INTEGER NOT NULL,
    "left" INTEGER NOT NULL CHECK ("left" >= 0)
  ) WITHOUT ROWID;${deedsSchema}`;

/** Opens the ledger, new with the stock given; undefined if another process has it. */
export const openStockLedger = (
  path: string,
  initial: Readonly<Record<string, number>>,
): StockLedger | undefined => {
  const file = openLedgerFile(path, schema);
  if (file === undefined) return undefined;
  const add = file.prepare(
    `INSERT OR IGNORE INTO stock (item, initial, "left") VALUES (?1, ?2, ?2)`,
  );
  for (const [item, count] of Object.entries(initial)) add.run(item, count);
  return stockLedgerOf(file);
};

const stockLedgerOf = (file: LedgerFile): StockLedger => {
  const deeds = new Deeds(file);
  const take = file.prepare(
    `UPDATE stock SET "left" = "left" - ?2 WHERE item = ?1 AND "left" >= ?2`,
  );
  const all = file.prepare(`SELECT item, initial, "left" FROM stock`);
  return {
    reserve: (key, item, count) =>
      deeds.do(key, JSON.stringify({ item, count }), () =>
        take.run(item, count).changes === 1
          ? undefined
          : `fewer than ${count} of item ${item} are left`,
      ),
    release: (key) =>
      deeds.undo(key, (content) => {
        const { item, count } = JSON.parse(content) as {
          item: string;
          count: number;
        };
        take.run(item, -count);
      }),
    lines: () => all.all() as unknown as readonly StockLine[],
    counts: () => deeds.count(),
    close: () => file.close(),
  };
};
