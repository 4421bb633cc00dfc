import type { ParticipantTraits } from "./traits.ts";

/** What one participant knows of one key. */
interface Account {
  isDone: boolean;
  /** Undone, or undone before it was ever done: then a late call is refused. */
  isClosed: boolean;
  output: unknown;
  /** How often the effect happened. */
  times: number;
  /** Messages sent before this one are refused: somebody was told that nothing had happened. */
  refusedBefore: number;
}

/** The participants of a saga: what really happened, by the key of the step's `execute`. */
export class Ledger {
  readonly #accounts = new Map<string, Account>();
  #sent = 0;

  /** Numbers a message. */
  send(): number {
    return ++this.#sent;
  }

  isDone(key: string): boolean {
    return this.#accounts.get(key)?.isDone === true;
  }

  knows(key: string): boolean {
    return (this.#accounts.get(key)?.times ?? 0) > 0;
  }

  /** How often the step's effect happened, undone or not. */
  times(key: string): number {
    return this.#accounts.get(key)?.times ?? 0;
  }

  /** Does the step once per key; false if the key was closed before, or the message is one that was declared lost. */
  execute(
    key: string,
    output: unknown,
    sent: number,
    { isIdempotent, hasTombstones }: ParticipantTraits,
  ): boolean {
    const account = this.#of(key);
    if (hasTombstones && (account.isClosed || sent < account.refusedBefore))
      return false;
    if (account.isDone && isIdempotent) return true;
    account.isDone = true;
    account.output = output;
    account.times++;
    return true;
  }

  compensate(key: string): void {
    const account = this.#of(key);
    account.isDone = false;
    account.isClosed = true;
  }

  /** The output, or undefined: then no message on its way will have an effect any more. */
  find(key: string): unknown {
    const account = this.#of(key);
    if (account.isDone) return account.output;
    account.refusedBefore = this.#sent + 1;
    return undefined;
  }

  #of(key: string): Account {
    let account = this.#accounts.get(key);
    if (account === undefined) {
      account = {
        isDone: false,
        isClosed: false,
        output: undefined,
        times: 0,
        refusedBefore: 0,
      };
      this.#accounts.set(key, account);
    }
    return account;
  }
}
