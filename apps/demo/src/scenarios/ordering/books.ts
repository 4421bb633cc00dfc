import type { Evidence } from "../../evidence.ts";
import type { ServiceName, Tree } from "../../tree.ts";
import { waitFor } from "../../wait-for.ts";
import type { Facts } from "../scenario.ts";
import type { Wish } from "./customers.ts";
import { prices } from "./wishes.ts";

/** States by order. */
type States = Readonly<Record<string, string>>;
interface DeedCounts {
  readonly done: number;
  readonly undone: number;
  readonly void: number;
  readonly repeats: number;
}
interface Stock {
  readonly stock: readonly {
    readonly item: string;
    readonly initial: number;
    readonly left: number;
  }[];
  readonly reservations: DeedCounts;
}
interface Money {
  readonly chargedCents: number;
  readonly refundedCents: number;
  readonly duplicates: number;
  readonly charges: DeedCounts;
}

/** What the services' ledgers say, past the gateway. */
export interface Books {
  readonly states: States;
  readonly shipped: number;
  readonly stock: Stock;
  readonly money: Money;
}

const finalWithinMs = 45_000;

const read = async <T>(
  tree: Tree,
  service: ServiceName,
  path: string,
): Promise<T> => {
  const port = tree.of(service)[0]?.ready.port ?? 0;
  const response = await fetch(`http://127.0.0.1:${port}/${service}${path}`, {
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`${service}: ${await response.text()}`);
  return ((await response.json()) as Evidence).content as T;
};

export const readMoney = (tree: Tree): Promise<Money> =>
  read(tree, "payments", "/ledger");

const readStates = (tree: Tree): Promise<States> =>
  read(tree, "orders", "?list=1");

const isFinal = (state: string): boolean =>
  state === "completed" || state === "compensated";

/** Waits until every order has ended, then reads everything; what never ended is there in the state it is in. */
const readBooks = async (
  tree: Tree,
  wishes: readonly Wish[],
): Promise<Books> => {
  let states: States = {};
  await waitFor(
    "every order to end",
    async () => {
      states = await readStates(tree);
      const taken = wishes.filter(({ isTaken }) => isTaken);
      return (
        Object.values(states).every(isFinal) &&
        taken.every(({ id }) => id in states)
      );
    },
    finalWithinMs,
  ).catch(() => undefined);
  return {
    states,
    shipped: (await read<{ shipped: number }>(tree, "orders", "")).shipped,
    stock: await read<Stock>(tree, "catalog", "/ledger"),
    money: await readMoney(tree),
  };
};

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, each) => total + each, 0);
const piecesOf = (wishes: readonly Wish[]): number =>
  sum(wishes.map(({ order }) => order.count));
const plain = (count: number): string => count.toLocaleString("en");
const money = (cents: number): string =>
  (cents / 100).toLocaleString("en", { minimumFractionDigits: 2 });

/** Waits for the end of every order, then notes whether all that the services have booked adds up to what was ordered. */
export const balance = async (
  tree: Tree,
  wishes: readonly Wish[],
  facts: Facts,
): Promise<Books> => {
  const books = await readBooks(tree, wishes);
  noteOrders(books, wishes, facts);
  noteSums(books, wishes, facts);
  return books;
};

const noteOrders = (
  { states }: Books,
  wishes: readonly Wish[],
  facts: Facts,
): void => {
  const inState = (state: string): number =>
    Object.values(states).filter((each) => each === state).length;
  const open = Object.entries(states).filter(([, state]) => !isFinal(state));
  facts.note(
    `${plain(wishes.length)} orders: ${plain(inState("completed"))} completed, ${plain(inState("compensated"))} compensated`,
  );
  if (open.length > 0)
    facts.note(
      `${open.length} have not ended, such as ${open[0]?.join(" ") ?? ""}`,
      false,
    );
  const lost = wishes.filter(({ id, isTaken }) => isTaken && !(id in states));
  if (lost.length > 0)
    facts.note(`${lost.length} lost, such as ${lost[0]?.id ?? ""}`, false);
  const untaken = wishes.filter(({ isTaken }) => !isTaken).length;
  if (untaken > 0) facts.note(`${untaken} never taken`, false);
  const revived = wishes.filter(
    ({ id, isCancelled }) => isCancelled && states[id] !== "compensated",
  );
  if (revived.length > 0)
    facts.note(`${revived.length} completed though cancelled`, false);
};

const noteSums = (
  { states, shipped, stock, money: booked }: Books,
  wishes: readonly Wish[],
  facts: Facts,
): void => {
  const completed = wishes.filter(({ id }) => states[id] === "completed");
  const priced = sum(
    completed.map(({ order }) => order.count * (prices[order.item] ?? 0)),
  );
  const { chargedCents, refundedCents, duplicates, charges } = booked;
  facts.note(
    `money ${money(chargedCents)} - ${money(refundedCents)} back = ${money(priced)}`,
    chargedCents - refundedCents === priced,
  );
  const initial = sum(stock.stock.map((line) => line.initial));
  const left = sum(stock.stock.map((line) => line.left));
  const isRight = stock.stock.every(
    (line) =>
      line.initial - line.left ===
      piecesOf(completed.filter(({ order }) => order.item === line.item)),
  );
  facts.note(
    `stock ${plain(initial)} - ${plain(piecesOf(completed))} = ${plain(left)}`,
    isRight,
  );
  facts.note(`${duplicates} booked twice`, duplicates === 0);
  const counts = [charges.done, stock.reservations.done, shipped];
  if (counts.some((count) => count !== completed.length))
    facts.note(
      `${completed.length} completed, but charged, reserved, shipped: ${counts.join(", ")}`,
      false,
    );
};
