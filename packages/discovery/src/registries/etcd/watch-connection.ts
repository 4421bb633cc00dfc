import { DpError, type Clock } from "@dp/core";
import { LineSplitter } from "../../remote/line-splitter.ts";
import type { Account, Gap } from "./account.ts";
import {
  errorIn,
  EtcdError,
  grpcCode,
  isCompacted,
  isFuture,
} from "./etcd-error.ts";
import type { Gateway } from "./gateway.ts";
import { listKeys } from "./ranges.ts";
import { causesOf } from "./removal-cause.ts";
import { Silence } from "./silence.ts";
import { below, int64, type RangeAnswer, type WatchMessage } from "./wire.ts";

/** Fragments are cut at etcd's limit of a request, 1.5 MiB unless configured; base64 makes it two. */
const longestLine = 16 * 1024 * 1024;

export interface WatchConnectionOptions<M> {
  readonly account: Account<M>;
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly detectMs: number;
}

const messageIn = (line: string): WatchMessage => {
  const parsed = JSON.parse(line) as {
    readonly result?: WatchMessage | undefined;
  };
  const error = errorIn(parsed, 200);
  if (error !== undefined) throw error;
  return parsed.result ?? {};
};

/** The lines this chunk completes; undefined if one is longer than any has a right to be. */
const split = (lines: LineSplitter, chunk: Buffer): string[] | undefined => {
  try {
    return lines.push(chunk);
  } catch {
    return undefined;
  }
};

/** One watch over one connection (HTTP/1.1 gives each a connection of its own), from an account's place on. */
export class WatchConnection<M> {
  readonly #options: WatchConnectionOptions<M>;
  readonly #endpoint: URL;
  readonly #end = new AbortController();
  readonly #silence: Silence;
  readonly #isFresh: boolean;
  #wasOpened = false;
  #messages = 0;
  /** How many messages had come when etcd last knew of events that had not; -1 when it did not. */
  #messagesWhenBehind = -1;

  constructor(options: WatchConnectionOptions<M>) {
    const { gateway, clock, detectMs } = options;
    this.#options = options;
    this.#endpoint = gateway.endpoint;
    this.#isFresh = options.account.isFresh;
    options.account.isFresh = false;
    this.#silence = new Silence({
      clock,
      limitMs: detectMs,
      ask: (signal) => this.#ask(signal),
      tooLong: (error) => this.#end.abort(error),
    });
  }

  /** Whether it went on where the account was. */
  get wasOpened(): boolean {
    return this.#wasOpened;
  }

  /** Tells the account, until its deltas are not to be had any more (then resolves) or contact is lost (then rejects). */
  async run(outer: AbortSignal): Promise<Gap> {
    const unwatch = (): void => {
      // At once: the stream takes its time to end, and a registry that is disposed leaves no timer.
      this.#silence.stop();
      this.#end.abort(outer.reason);
    };
    outer.addEventListener("abort", unwatch, { once: true });
    const { signal } = this.#end;
    try {
      return await this.#read();
    } catch (error) {
      const cause: unknown = signal.aborted ? signal.reason : error;
      if (!outer.aborted)
        await this.#options.gateway.failed(this.#endpoint, cause);
      throw cause;
    } finally {
      outer.removeEventListener("abort", unwatch);
      this.#silence.stop();
      this.#end.abort();
    }
  }

  async #read(): Promise<Gap> {
    const { account, gateway } = this.#options;
    account.place.reopen();
    const request = {
      ...below(account.prefix),
      start_revision: String(account.place.cursor),
      progress_notify: true,
      // An answer of a thousand revisions could be of any length otherwise.
      fragment: true,
    };
    const { signal } = this.#end;
    const stream = await gateway.watch(
      { create_request: request },
      this.#endpoint,
      signal,
    );
    const lines = new LineSplitter(longestLine);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      this.#silence.heard();
      account.touch();
      const completed = split(lines, chunk);
      // It would be as long the next time; a listing comes in pages.
      if (completed === undefined) return "compacted";
      for (const line of completed) {
        this.#messages++;
        const gap = await this.#take(messageIn(line));
        if (gap !== undefined) return gap;
      }
    }
    throw new EtcdError(
      `${this.#endpoint.host} ended the watch`,
      grpcCode.unavailable,
    );
  }

  async #take(message: WatchMessage): Promise<Gap | undefined> {
    const { account, gateway } = this.#options;
    const step = account.place.take(message);
    if (step.kind === "relist") return step.reason;
    if (step.kind === "opened") return this.#open(step.revision);
    if (step.revisions.length === 0) return undefined;
    const leases = account.leasesEnding(step.revisions);
    const causes = await causesOf(
      leases,
      gateway,
      this.#endpoint,
      this.#end.signal,
    );
    this.#end.signal.throwIfAborted();
    account.tell(step.revisions, causes);
    return undefined;
  }

  async #open(revision: bigint): Promise<Gap | undefined> {
    const { account } = this.#options;
    // Right after a listing there is nothing to doubt, unless this member has less than was listed.
    const isSure = this.#isFresh && revision + 1n >= account.place.cursor;
    const gap = isSure ? undefined : await this.#findGap();
    if (gap !== undefined) return gap;
    this.#silence.opened();
    this.#wasOpened = true;
    account.found();
    return undefined;
  }

  /**
   * A watch from any revision is confirmed: one that is compacted (then it is cancelled a moment later), one of a store
   * that was wiped and has grown again, with the same ids of its cluster. So the store is asked what it was just before
   * the cursor, and has to say what this account knows. A member that lags behind catches up before it answers.
   */
  async #findGap(): Promise<Gap | undefined> {
    const { account, gateway } = this.#options;
    const revision = account.place.cursor - 1n;
    try {
      const then = await listKeys(
        gateway,
        account.prefix,
        { keysOnly: true, revision, endpoint: this.#endpoint },
        this.#end.signal,
      );
      const isSame = then.storeRevision >= revision && account.agreesWith(then);
      return isSame ? undefined : "store-reset";
    } catch (error) {
      if (isCompacted(error)) return "compacted";
      if (isFuture(error)) return "store-reset";
      throw error;
    }
  }

  /**
   * Whether the member answers, and whether it knows of events that this connection should have brought: twice, with
   * nothing heard in between, and the connection is dead, although the member is not. O(keys) for etcd, one key for us.
   */
  async #ask(signal: AbortSignal): Promise<void> {
    const { account, gateway } = this.#options;
    const { cursor } = account.place;
    const messages = this.#messages;
    const newest = {
      limit: "1",
      keys_only: true,
      sort_target: "MOD",
      sort_order: "DESCEND",
    };
    const answer = await gateway.call<RangeAnswer>(
      "kv/range",
      { ...below(account.prefix), ...newest },
      signal,
      this.#endpoint,
    );
    account.touch();
    if (messages !== this.#messages) return;
    const isBehind =
      int64(answer.kvs?.[0]?.mod_revision) >= cursor ||
      int64(answer.count) !== BigInt(account.keys);
    if (isBehind && this.#messagesWhenBehind === messages)
      throw new DpError(
        "DP_WATCH_DEAF",
        `${this.#endpoint.host} has events of ${account.service} that its watch did not bring`,
        { retryable: true },
      );
    this.#messagesWhenBehind = isBehind ? messages : -1;
  }
}
