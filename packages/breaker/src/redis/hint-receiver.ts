import { createEmitter } from "@dp/core";
import type { Hint } from "../hints/hint-channel.ts";
import type { HintTally } from "./hint-metrics.ts";
import { readMessage } from "./hint-message.ts";
import type { PubSub, Subscription } from "./pub-sub.ts";
import { quietly } from "./quietly.ts";

/** Hears the hints of others, from the first listener on. */
export class HintReceiver {
  readonly #client: PubSub;
  readonly #channel: string;
  readonly #source: string;
  readonly #tally: HintTally;
  readonly #heard = createEmitter<Hint>();
  #subscription: Subscription | undefined;
  #forgetReady: (() => void) | undefined;
  #isAsked = false;
  #isTaken = false;
  #isClosed = false;

  constructor(
    client: PubSub,
    channel: string,
    source: string,
    tally: HintTally,
  ) {
    this.#client = client;
    this.#channel = channel;
    this.#source = source;
    this.#tally = tally;
  }

  get isListening(): boolean {
    return this.#isTaken && this.#client.isReady;
  }

  on(listener: (hint: Hint) => void): () => void {
    if (this.#subscription === undefined && !this.#isClosed) {
      this.#subscription = this.#client.listen(this.#channel, this.#hear);
      this.#forgetReady = this.#client.onReady(this.#ask);
      if (this.#client.isReady) this.#ask();
    }
    return this.#heard.on(listener);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isTaken = false;
    this.#forgetReady?.();
    const subscription = this.#subscription;
    if (subscription === undefined) return;
    subscription.mute();
    // A client that was never asked has nothing to take back.
    if (this.#isAsked) quietly(() => subscription.end());
  }

  /**
   * At every connection, although clients ask again themselves what Redis has once granted: what failed or got lost in
   * between they do not, and asking twice is harmless.
   */
  readonly #ask = (): void => {
    this.#isAsked = true;
    this.#isTaken = false;
    quietly(
      () => (this.#subscription as Subscription).ask(),
      (isDone) => {
        this.#isTaken = isDone && !this.#isClosed;
      },
    );
  };

  readonly #hear = (message: string): void => {
    if (this.#isClosed) return;
    const hint = readMessage(message);
    if (hint === undefined) this.#tally.dropped.invalid++;
    else if (hint.source !== this.#source) {
      this.#tally.received++;
      this.#heard.emit(hint);
    }
  };
}
