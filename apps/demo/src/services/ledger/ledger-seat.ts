import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { isRefusal } from "../../refusal.ts";
import type { Call, CallAnswer } from "../call.ts";

/** What a seat has to know. */
export interface SeatOptions<L> {
  /** Of this instance: who it is and where others reach it. */
  readonly instance: string;
  readonly port: number;
  /** The ledger's file; beside it lies another that says who owns it. */
  readonly file: string;
  /** Undefined if another process has the ledger. */
  readonly open: (file: string) => L | undefined;
  readonly answer: (ledger: L, call: Call) => Promise<CallAnswer>;
}

interface Owner {
  readonly instance: string;
  readonly port: number;
}

/** The field by which one instance tells another whom it takes for the owner. */
export const ownerHeader = "x-owner";
/** Below it an instance answers for its ledger to other instances of its service. */
export const peerPrefix = "/_ledger";

const peerLimitMs = 2_000;
const misdirected = 421;

const noOwner: CallAnswer = {
  status: 503,
  content: { problem: "nobody has the ledger just now; nothing was done" },
};

/**
 * One instance's seat at its service's ledger. The instance that gets the file's lock owns the ledger and answers from
 * it; the others pass calls on to it. When it is gone, which a refused connection proves, another one takes the lock.
 *
 * 503 says for certain that nothing was done. What nobody knows is answered 502.
 */
export class LedgerSeat<L extends { close(): void }> {
  readonly #options: SeatOptions<L>;
  #ledger: L | undefined;
  #left = false;

  constructor(options: SeatOptions<L>) {
    this.#options = options;
    this.#take();
  }

  /** Answers a client's call, here or by the owner. */
  async answer(call: Call): Promise<CallAnswer> {
    return (await this.#own(call)) ?? (await this.#pass(call));
  }

  /** Answers a call that another instance passed on to whom it takes for the owner. */
  async answerPeer(call: Call): Promise<CallAnswer> {
    const isMeant = call.fields[ownerHeader] === this.#options.instance;
    const answer = isMeant ? await this.#own(call) : undefined;
    return (
      answer ?? { status: misdirected, content: { problem: "not the owner" } }
    );
  }

  /** Leaves the ledger to others. */
  close(): void {
    this.#left = true;
    this.#ledger?.close();
    this.#ledger = undefined;
  }

  #own(call: Call): Promise<CallAnswer> | undefined {
    return this.#ledger && this.#options.answer(this.#ledger, call);
  }

  async #pass(call: Call): Promise<CallAnswer> {
    const owner = this.#owner();
    const answer = owner && (await askPeer(owner, call));
    if (answer !== undefined) return answer;
    this.#take();
    return (await this.#own(call)) ?? noOwner;
  }

  #take(): void {
    const { file, open, instance, port } = this.#options;
    if (this.#left || this.#ledger !== undefined) return;
    this.#ledger = open(file);
    if (this.#ledger === undefined) return;
    const owner: Owner = { instance, port };
    const draft = `${file}.${instance}`;
    writeFileSync(draft, JSON.stringify(owner));
    renameSync(draft, ownerFileOf(file));
  }

  #owner(): Owner | undefined {
    try {
      const text = readFileSync(ownerFileOf(this.#options.file), "utf8");
      return JSON.parse(text) as Owner;
    } catch {
      return undefined; // Nobody has owned it yet.
    }
  }
}

const ownerFileOf = (file: string): string => `${file}.owner`;

/** The owner's answer; undefined if it is not there or not the owner, so that nothing was done. */
const askPeer = async (
  { instance, port }: Owner,
  { method, target, body }: Call,
): Promise<CallAnswer | undefined> => {
  try {
    const response = await fetch(
      `http://127.0.0.1:${port}${peerPrefix}${target}`,
      {
        method,
        headers: { [ownerHeader]: instance },
        ...(body !== "" && { body }),
        signal: AbortSignal.timeout(peerLimitMs),
      },
    );
    const { status } = response;
    // Another process has the port by now if it is none of these.
    if (status === misdirected || response.headers.get(ownerHeader) === null)
      return undefined;
    return { status, content: await response.json() };
  } catch (error) {
    if (isRefusal(error)) return undefined;
    return {
      status: 502,
      content: { problem: `the owner did not answer: ${String(error)}` },
    };
  }
};
