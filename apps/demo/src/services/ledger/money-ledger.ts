import { Deeds, deedsSchema, type Deed, type DeedCounts } from "./deeds.ts";
import { openLedgerFile, type LedgerFile } from "./ledger-file.ts";

/** What was moved, counted from the bookings themselves. */
export interface MoneySums {
  readonly chargedCents: number;
  readonly refundedCents: number;
  /** Keys under which anything was booked twice in one direction. */
  readonly duplicates: number;
}

/** The money that payments took and gave back. One process has it at a time. */
export interface MoneyLedger {
  /** Takes so much from the card, once for each key. */
  charge(key: string, card: string, cents: number): Promise<Deed>;
  /** Gives back what was taken under the key. */
  refund(key: string): Promise<void>;
  sums(): MoneySums;
  counts(): DeedCounts;
  close(): void;
}

// Nothing keeps a booking from being written twice but the code: its rows are the evidence.
const schema = `
  CREATE TABLE IF NOT EXISTS bookings (
    key TEXT NOT NULL,
    cents INTEGER NOT NULL
  );${deedsSchema}`;

/** The bank refuses cards whose number ends like this. */
const refusedEnd = "0000";

/** Opens the ledger, which starts empty; undefined if another process has it. */
export const openMoneyLedger = (path: string): MoneyLedger | undefined => {
  const file = openLedgerFile(path, schema);
  return file && moneyLedgerOf(file);
};

const moneyLedgerOf = (file: LedgerFile): MoneyLedger => {
  const deeds = new Deeds(file);
  const book = file.prepare("INSERT INTO bookings (key, cents) VALUES (?, ?)");
  const sum = file.prepare(`
    SELECT coalesce(sum(max(cents, 0)), 0) AS chargedCents,
           coalesce(-sum(min(cents, 0)), 0) AS refundedCents,
           (SELECT count(*) FROM (
             SELECT 1 FROM bookings GROUP BY key, cents > 0 HAVING count(*) > 1
           )) AS duplicates
    FROM bookings`);
  return {
    charge: (key, card, cents) =>
      deeds.do(key, JSON.stringify({ card, cents }), () => {
        if (card.endsWith(refusedEnd))
          return `the bank refuses card …${card.slice(-4)}`;
        book.run(key, cents);
        return undefined;
      }),
    refund: (key) =>
      deeds.undo(key, (content) => {
        book.run(key, -(JSON.parse(content) as { cents: number }).cents);
      }),
    sums: () => sum.get() as unknown as MoneySums,
    counts: () => deeds.count(),
    close: () => file.close(),
  };
};
