import { Deeds, deedsSchema } from "../ledger/deeds.ts";
import { openLedgerFile } from "../ledger/ledger-file.ts";
import type { Order } from "./order.ts";

/** What was shipped, in a ledger of the orders process itself. */
export interface Shipments {
  /** Ships it, once for each key. */
  ship(key: string, order: Order): Promise<void>;
  has(key: string): boolean;
  count(): number;
  close(): void;
}

/** Opens the ledger; throws if another process has it. */
export const openShipments = (path: string): Shipments => {
  const file = openLedgerFile(path, deedsSchema);
  if (file === undefined) throw new Error(`${path} is in use`);
  const deeds = new Deeds(file);
  return {
    ship: async (key, { item, count }) => {
      await deeds.do(key, JSON.stringify({ item, count }), () => undefined);
    },
    has: (key) => deeds.find(key) !== undefined,
    count: () => deeds.count().done,
    close: () => file.close(),
  };
};
