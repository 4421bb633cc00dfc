import type { Hint } from "../hints/hint-channel.ts";
import type { HintTally } from "./hint-metrics.ts";
import { readMessage, writeMessage } from "./hint-message.ts";
import type { PubSub } from "./pub-sub.ts";
import { quietly } from "./quietly.ts";

/** So many may be on their way. A client keeps what it cannot send, and that a connection is dead is found out late. */
const mostPending = 256;

/** Sends hints, or drops what cannot be sent at once: a hint is worth nothing later. */
export class HintSender {
  readonly #client: PubSub;
  readonly #channel: string;
  readonly #tally: HintTally;
  #pending = 0;
  #closed = false;

  constructor(client: PubSub, channel: string, tally: HintTally) {
    this.#client = client;
    this.#channel = channel;
    this.#tally = tally;
  }

  send(hint: Hint): void {
    const message = writeMessage(hint);
    const obstacle = this.#obstacle(message);
    if (obstacle !== undefined) {
      this.#tally.dropped[obstacle]++;
      return;
    }
    this.#pending++;
    quietly(
      () => this.#client.publish(this.#channel, message),
      (isDone) => {
        this.#pending--;
        if (isDone) this.#tally.published++;
        else this.#tally.dropped.failed++;
      },
    );
  }

  close(): void {
    this.#closed = true;
  }

  #obstacle(message: string): keyof HintTally["dropped"] | undefined {
    if (this.#closed) return "closed";
    if (!this.#client.isReady) return "not-ready";
    if (this.#pending >= mostPending) return "backlog";
    // Sent is what others would take.
    return readMessage(message) === undefined ? "invalid" : undefined;
  }
}
