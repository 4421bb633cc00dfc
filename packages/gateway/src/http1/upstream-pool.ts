import type { Deadlines } from "../deadlines.ts";
import { afterPoll } from "./poll-phase.ts";
import {
  type ConnectionOwner,
  UpstreamConnection,
} from "./upstream-connection.ts";

/** Somebody who needs a connection. */
export interface ConnectionWaiter {
  ready(connection: UpstreamConnection): void;
  /** The connection started for this waiter could not be made. */
  refused(error: Error): void;
}

export interface UpstreamPoolOptions {
  readonly host: string;
  readonly port: number;
  /** Connections at most, busy and idle. */
  readonly max: number;
  /** How long an idle connection is kept. */
  readonly idleMs: number;
  readonly deadlines: Deadlines;
}

/**
 * The connections to one instance. The one used last is used next, so that those not needed grow idle and close.
 *
 * A connection whose answer just ended rests until the event loop has polled once: bytes that follow an answer are seen
 * before another request could take them for its own.
 */
export class UpstreamPool implements ConnectionOwner {
  readonly #options: UpstreamPoolOptions;
  readonly #all: Set<UpstreamConnection> = new Set();
  readonly #idle: UpstreamConnection[] = [];
  #resting: UpstreamConnection[] = [];
  readonly #waiters: ConnectionWaiter[] = [];
  /** Not connected yet, the oldest first; never more than there are waiters. */
  readonly #connecting: Set<UpstreamConnection> = new Set();
  readonly #wake: () => void;
  #closing = false;

  constructor(options: UpstreamPoolOptions) {
    this.#options = options;
    this.#wake = () => this.#rested();
  }

  /** Open connections, busy and idle. */
  get size(): number {
    return this.#all.size;
  }

  /** Whether nothing is open or waited for. */
  get unused(): boolean {
    return this.#all.size === 0 && this.#waiters.length === 0;
  }

  /** Hands a connection to `waiter`: at once if one is idle, else in the order of asking. */
  acquire(waiter: ConnectionWaiter): void {
    const connection = this.#takeIdle();
    if (connection !== undefined) {
      waiter.ready(connection);
      return;
    }
    this.#waiters.push(waiter);
    this.#open();
  }

  /** Takes `waiter` off the queue; harmless if it is not in it. */
  withdraw(waiter: ConnectionWaiter): void {
    const index = this.#waiters.indexOf(waiter);
    if (index < 0) return;
    this.#waiters.splice(index, 1);
    // The system tries for minutes: that must not use up the places of those who come later.
    const [oldest] = this.#connecting;
    if (oldest === undefined || this.#connecting.size <= this.#waiters.length)
      return;
    this.#connecting.delete(oldest);
    oldest.destroy();
  }

  /** Closes idle connections now and busy ones when their answers end. */
  close(): void {
    this.#closing = true;
    for (const connection of [...this.#idle, ...this.#resting])
      connection.destroy();
  }

  connected(connection: UpstreamConnection): void {
    this.#connecting.delete(connection);
    this.#offer(connection);
  }

  connectFailed(connection: UpstreamConnection, error: Error): void {
    if (this.#connecting.delete(connection))
      this.#waiters.shift()?.refused(error);
  }

  reusable(connection: UpstreamConnection): void {
    if (this.#closing) connection.destroy();
    else if (this.#resting.push(connection) === 1) afterPoll(this.#wake);
  }

  closed(connection: UpstreamConnection): void {
    this.#all.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
    this.#open();
  }

  /** Opens the connections that waiters still need, as far as the limit allows. */
  #open(): void {
    const { host, port, max, deadlines } = this.#options;
    while (
      this.#connecting.size + this.#resting.length < this.#waiters.length &&
      this.#all.size < max
    ) {
      const connection = new UpstreamConnection(host, port, deadlines, this);
      this.#all.add(connection);
      this.#connecting.add(connection);
    }
  }

  #rested(): void {
    const resting = this.#resting;
    this.#resting = [];
    for (const connection of resting) this.#offer(connection);
    // One that closed while it rested leaves its waiter behind.
    this.#open();
  }

  #offer(connection: UpstreamConnection): void {
    if (!connection.usable) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.ready(connection);
      return;
    }
    this.#idle.push(connection);
    connection.idleFor(this.#options.idleMs);
  }

  #takeIdle(): UpstreamConnection | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined || connection.usable) return connection;
    }
  }
}
